import json
import logging

from trading_workloads.logs import JsonFormatter


def test_line_is_an_object_with_the_fields_of_the_call() -> None:
    record = logging.makeLogRecord(
        {"name": "a.b", "levelname": "WARNING", "msg": "lost %s", "args": ("x",), "token": 3}
    )
    line = json.loads(JsonFormatter().format(record))
    assert {name: line[name] for name in ("level", "logger", "message", "token")} == {
        "level": "warning",
        "logger": "a.b",
        "message": "lost x",
        "token": 3,
    }
    assert line["time"].endswith("+00:00")


def test_exception_stands_in_the_same_line() -> None:
    error = ValueError("bad")
    text = JsonFormatter().format(logging.makeLogRecord({"exc_info": (ValueError, error, None)}))
    assert "\n" not in text
    assert "ValueError: bad" in json.loads(text)["exception"]
