"""The signals of the quickstart, computed without any of our code: TA-Lib and pandas on the recording itself."""

import exchange_calendars
import pandas as pd
from bokeh_sampledata import stocks

from tests.oracle import (
    OracleRules,
    atr,
    compare,
    crosses_above,
    moving_average_cross,
    oracle_signals,
    rsi,
    sma,
    wilder_bars,
)

TOLERANCE = 1e-6

DIP_BUYER = OracleRules(
    first_bar=max(100, wilder_bars(14, TOLERANCE) + 1),
    enter_long=lambda bars: crosses_above(rsi(bars.close, 14), 35) & compare(bars.close, ">", sma(bars.close, 100)),
    exit_long=lambda bars: (
        compare(rsi(bars.close, 14), ">", 70) | compare(bars.close, "<", sma(bars.close, 100) - 2 * atr(bars, 14))
    ),
    strength=lambda bars: ((bars.close - sma(bars.close, 100)) / (3 * atr(bars, 14))).clip(-1, 1),
)


def recording(symbols: list[str]) -> pd.DataFrame:
    """Return the recorded daily bars of symbols, long, each dated by the close of its session in UTC."""
    calendar = exchange_calendars.get_calendar("XNYS", start="2000-01-01", end="2013-12-31")
    tables = []
    for symbol in symbols:
        table = pd.DataFrame(getattr(stocks, symbol))
        table["time"] = calendar.closes.dt.tz_localize(None).reindex(pd.to_datetime(table["date"])).array
        tables.append(table.assign(symbol=symbol))
    return pd.concat(tables)[["time", "symbol", "open", "high", "low", "close", "volume"]]


def expected_signals(strategy: str) -> list[tuple[str, str, str, float, float]]:
    """Return (close, symbol, action, strength, price) of every signal of a strategy of the quickstart, in order."""
    symbols, rules, cooldown = {
        "tech-ma-cross": (["AAPL", "MSFT", "IBM", "GOOG", "FB"], moving_average_cross(20, 50), 0),
        "dip-buyer": (["AAPL", "IBM", "MSFT"], DIP_BUYER, 5),
    }[strategy]
    table = oracle_signals(recording(symbols), symbols, rules, cooldown_bars=cooldown)
    times = pd.to_datetime(table["time"]).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return list(zip(times, table["symbol"], table["action"], table["strength"], table["price"], strict=True))
