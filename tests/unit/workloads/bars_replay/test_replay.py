from functools import cache
from typing import Any

import pandas as pd
import pytest
from bokeh_sampledata import stocks

from trading_workloads.bars.recording import Recording
from trading_workloads.bars.replay import BOKEH_STOCKS, load_bokeh_stocks, load_sessions
from trading_workloads.times import iso


@cache
def recording() -> Recording:
    return load_bokeh_stocks("XNYS")


def test_every_bar_of_the_data_set_is_there_as_traded() -> None:
    rows: list[dict[str, Any]] = [
        {"day": iso(close.columns.close_ms)[:10], "symbol": symbol, "close": close.columns.close[place],
         "high": close.columns.high[place], "volume": close.columns.volume[place]}
        for close in recording().closes
        for place, symbol in enumerate(close.columns.symbols)
    ]  # fmt: skip
    found = pd.DataFrame(rows).set_index(["symbol", "day"]).sort_index()
    frames = [pd.DataFrame(getattr(stocks, symbol)).assign(symbol=symbol) for symbol in BOKEH_STOCKS]
    expected = pd.concat(frames).rename(columns={"date": "day"}).set_index(["symbol", "day"]).sort_index()
    pd.testing.assert_frame_equal(found, expected[["close", "high", "volume"]])


@pytest.mark.parametrize(
    ("place", "expected"),
    [(0, "2000-03-01T21:00:00Z"), (-1, "2013-03-01T21:00:00Z")],
    ids=["first", "last"],
)
def test_closes_are_dated_by_the_calendar(place: int, expected: str) -> None:
    assert iso(recording().closes[place].columns.close_ms) == expected


def test_half_days_and_summer_time_move_the_close() -> None:
    times = load_sessions("XNYS", "2012-06-29", "2012-07-03")
    assert iso(times["2012-06-29"].close_ms) == "2012-06-29T20:00:00Z"
    assert iso(times["2012-07-03"].close_ms) == "2012-07-03T17:00:00Z"
    assert "2012-07-01" not in times


def test_closes_are_in_order_and_none_is_doubled() -> None:
    moments = [close.columns.close_ms for close in recording().closes]
    assert len(moments) == 3270
    assert moments == sorted(set(moments))


def test_unknown_calendar_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match='calendar: found "XXXX", expected a code'):
        load_bokeh_stocks("XXXX")
