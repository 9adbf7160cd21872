"""Log lines: JSON objects for machines, one line of words for a terminal."""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

import orjson

CURRENT_PASS: Final[ContextVar[dict[str, object]]] = ContextVar("CURRENT_PASS", default={})  # noqa: B039 - never changed
"""Fields of every line that is written during a pass: the object, its generation, the pass's number."""

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_CHATTY: Final = ("kopf", "aiohttp.access", "kubernetes")
_ANSWERS: Final = "kopf._cogs.clients.errors"
"""Where kopf keeps the errors that stand for statuses of the API server: it gives them no public name."""


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """Return the fields that a call gave in `extra`; kopf's own are its internals."""
    given = {
        name: value for name, value in vars(record).items() if name not in _STANDARD and not name.startswith("k8s_")
    }
    return {**CURRENT_PASS.get(), **given}


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, message, the call's own fields, the exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class TerminalFormatter(logging.Formatter):
    """Writes a record as one line for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        line = f"{moment} {record.levelname.lower():7} {record.getMessage()} {fields}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class AnswersInOneLine(logging.Filter):
    """Takes the traceback from what kopf says of an answer that it did not expect: the message says all there is.

    A definition that is deleted, or a right that is taken away, is no fault of the code. Every other error keeps it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and type(error).__module__ == _ANSWERS:
            record.exc_info = record.exc_text = None
            record.error = f"{type(error).__name__}: {error}"
        return True


def configure_logging(level: str) -> None:
    """Send log lines of at least this level to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TerminalFormatter() if sys.stderr.isatty() else JsonFormatter())
    handler.addFilter(AnswersInOneLine())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    if level != "DEBUG":
        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        # It warns that it does not see signals outside of the main thread; we see to them.
        logging.getLogger("kopf._core.reactor.running").setLevel(logging.ERROR)
