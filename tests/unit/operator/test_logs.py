import logging
import sys

import pytest
from kopf._cogs.clients.errors import APINotFoundError

from trading_operator.logs import AnswersInOneLine, JsonFormatter, TerminalFormatter


def written(error: Exception, formatter: logging.Formatter) -> str:
    """Return what is written of an error that kopf tells with its traceback."""
    try:
        raise error
    except type(error):
        record = logging.LogRecord("kopf", logging.ERROR, "", 0, "Watcher has failed", None, sys.exc_info())
    assert AnswersInOneLine().filter(record)
    return formatter.format(record)


@pytest.mark.parametrize("formatter", [JsonFormatter(), TerminalFormatter()], ids=["json", "terminal"])
def test_answer_that_kopf_did_not_expect_is_one_line(formatter: logging.Formatter) -> None:
    line = written(APINotFoundError("404 page not found", status=404, headers={}), formatter)
    assert "Watcher has failed" in line
    assert "APINotFoundError: 404 page not found" in line
    assert "Traceback" not in line


@pytest.mark.parametrize("formatter", [JsonFormatter(), TerminalFormatter()], ids=["json", "terminal"])
def test_any_other_error_keeps_its_traceback(formatter: logging.Formatter) -> None:
    assert "Traceback" in written(ValueError("ours"), formatter)
