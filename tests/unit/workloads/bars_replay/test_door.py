import math
from typing import Any

import pytest

from trading_workloads.bars.door import Door, RawBar

CLOSES = {"2005-02-28": 1000, "2005-03-01": 2000, "2005-03-02": 3000}


def make_bar(**fields: Any) -> RawBar:
    values: dict[str, Any] = {
        "symbol": "AAPL", "session": "2005-03-01",
        "open": 10.0, "high": 12.0, "low": 9.0, "close": 11.0, "volume": 100.0,
    }  # fmt: skip
    return RawBar(**(values | fields))


def check(door: Door, bar: RawBar) -> str | None:
    refusal = door.check(bar, CLOSES.get(bar.session))
    return refusal.fault if refusal else None


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, None),
        ({"volume": 0}, None),
        ({"open": 9.0, "high": 9.0, "low": 9.0, "close": 9.0}, None),
        ({"symbol": "XXXX"}, "UnknownSymbol"),
        ({"session": "2005-03-05"}, "NoSession"),
        ({"open": math.nan}, "NotANumber"),
        ({"volume": math.nan}, "NotANumber"),
        ({"high": math.inf}, "NotANumber"),
        ({"low": -1.0}, "NotPositive"),
        ({"close": 0.0}, "NotPositive"),
        ({"volume": -1.0}, "NotPositive"),
        ({"high": 8.0}, "HighBelowLow"),
        ({"close": 12.5}, "OutsideRange"),
        ({"open": 8.5}, "OutsideRange"),
    ],
)
def test_bar_passes_or_is_refused_for_a_reason(fields: dict[str, Any], fault: str | None) -> None:
    assert check(Door(["AAPL"]), make_bar(**fields)) == fault


def test_second_bar_of_a_session_is_a_duplicate() -> None:
    door = Door(["AAPL"])
    check(door, make_bar())
    assert check(door, make_bar(close=10.0)) == "Duplicate"


def test_bar_before_the_last_one_is_out_of_order() -> None:
    door = Door(["AAPL", "IBM"])
    check(door, make_bar())
    assert check(door, make_bar(session="2005-02-28")) == "OutOfOrder"
    assert check(door, make_bar(session="2005-02-28", symbol="IBM")) is None, "each symbol has its own order"


def test_refused_bar_does_not_count_as_the_last_one() -> None:
    door = Door(["AAPL"])
    check(door, make_bar(session="2005-03-02", close=-1.0))
    assert check(door, make_bar()) is None


def test_message_says_what_was_found_and_expected() -> None:
    refusal = Door(["AAPL", "IBM"]).check(make_bar(symbol="XXXX"), 2000)
    assert refusal is not None
    assert refusal.message == 'XXXX 2005-03-01: found "XXXX", expected one of AAPL, IBM'
