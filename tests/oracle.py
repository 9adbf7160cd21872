"""Signals computed a second time, without any of our rules, indicators or kernel: TA-Lib and pandas on whole columns.

A rule is a Python function from a symbol's own bars to a column; `pandas` brings the three-valued logic (its nullable
booleans follow Kleene). Everything here is written for being right at a glance, nothing for being fast.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import talib

Column: TypeAlias = pd.Series
"""float64 for numbers, nullable boolean for conditions; one row for each bar that the symbol has."""
Rule: TypeAlias = Callable[[pd.DataFrame], Column]

SIGNAL_COLUMNS = ["time", "symbol", "action", "strength", "price"]


@dataclass(frozen=True)
class OracleRules:
    """A strategy. `first_bar` is the number, from 1, of the first bar of each symbol that is evaluated."""

    first_bar: int
    enter_long: Rule | None = None
    exit_long: Rule | None = None
    enter_short: Rule | None = None
    exit_short: Rule | None = None
    strength: Rule | None = None


def moving_average_cross(fast: int, slow: int) -> OracleRules:
    """Return the rules of `builtin.movingAverageCross`."""
    return OracleRules(
        first_bar=slow + 1,
        enter_long=lambda bars: crosses_above(sma(bars.close, fast), sma(bars.close, slow)),
        exit_long=lambda bars: crosses_below(sma(bars.close, fast), sma(bars.close, slow)),
    )


def oracle_signals(
    bars: pd.DataFrame,
    symbols: Sequence[str],
    rules: OracleRules,
    min_strength: float = 0.0,
    cooldown_bars: int = 0,
) -> pd.DataFrame:
    """Return the signals in the order of the stream, with the columns `SIGNAL_COLUMNS`.

    bars: long, `time symbol open high low close volume`, `time` as timestamps; strength is NaN where undefined.
    """
    rows = []
    for place, symbol in enumerate(symbols):
        own = bars[bars.symbol == symbol].sort_values("time").reset_index(drop=True)
        found = list(_symbol_signals(own, rules, min_strength, cooldown_bars)) if len(own) else []
        rows += [(own.time[bar], place, symbol, action, strength, own.close[bar]) for bar, action, strength in found]
    table = pd.DataFrame(rows, columns=["time", "place", "symbol", "action", "strength", "price"])
    return table.sort_values(["time", "place"], kind="stable").reset_index(drop=True)[SIGNAL_COLUMNS]


def _symbol_signals(
    bars: pd.DataFrame, rules: OracleRules, min_strength: float, cooldown_bars: int
) -> Iterator[tuple[int, str, float]]:
    with np.errstate(all="ignore"):
        columns = {
            name: _fires(getattr(rules, name), bars)
            for name in ("enter_long", "exit_long", "enter_short", "exit_short")
        }
        strength = rules.strength(bars).to_numpy(float) if rules.strength else np.ones(len(bars))
    held, left_at = "", None
    for bar in range(rules.first_bar - 1, len(bars)):
        if (held == "Long" and columns["exit_long"][bar]) or (held == "Short" and columns["exit_short"][bar]):
            yield bar, f"Exit{held}", strength[bar]
            held, left_at = "", bar
        long, short = columns["enter_long"][bar], columns["enter_short"][bar]
        cooling = cooldown_bars > 0 and left_at is not None and bar - left_at <= cooldown_bars
        if not held and long != short and not cooling and abs(strength[bar]) >= min_strength:
            held = "Long" if long else "Short"
            yield bar, f"Enter{held}", strength[bar]


def _fires(rule: Rule | None, bars: pd.DataFrame) -> list[bool]:
    return [False] * len(bars) if rule is None else rule(bars).fillna(False).astype(bool).tolist()


# Numbers. Whatever is not finite is undefined, and undefined is NaN.


def _runs(x: Column, function: Callable[[np.ndarray], np.ndarray]) -> Column:
    """Apply a function to each run of defined values by itself: an undefined value starts history anew."""
    result = pd.Series(np.nan, index=x.index)
    for _, run in x.groupby(x.isna().cumsum()):
        values = run.dropna()
        if len(values):
            result[values.index] = function(values.to_numpy(float))
    return result


def sma(x: Column, n: int) -> Column:
    """Simple moving average."""
    return _runs(x, lambda values: talib.SMA(values, n))


def ema(x: Column, n: int) -> Column:
    """Exponential moving average."""
    return _runs(x, lambda values: talib.EMA(values, n))


def rsi(x: Column, n: int) -> Column:
    """Relative strength index."""
    return _runs(x, lambda values: talib.RSI(values, n))


def atr(bars: pd.DataFrame, n: int) -> Column:
    """Average true range."""
    return pd.Series(talib.ATR(bars.high.to_numpy(float), bars.low.to_numpy(float), bars.close.to_numpy(float), n))


def highest(x: Column, n: int) -> Column:
    """Highest of n bars."""
    return x.rolling(n).max()


def lowest(x: Column, n: int) -> Column:
    """Lowest of n bars."""
    return x.rolling(n).min()


def finite(x: Column) -> Column:
    """Turn infinities into NaN."""
    return x.where(np.isfinite(x))


def power(x: Column, exponent: float) -> Column:
    """Raise to a power."""
    return finite(pd.Series(np.power(x.to_numpy(float), exponent), index=x.index))


# Conditions.


def compare(left: Any, operator: str, right: Any) -> Column:
    """Compare two columns, or a column and a number; undefined where one of them is."""
    x = left if isinstance(left, pd.Series) else pd.Series(float(left), index=right.index)
    y = right if isinstance(right, pd.Series) else pd.Series(float(right), index=x.index)
    operations = {"<": x.lt, "<=": x.le, ">": x.gt, ">=": x.ge, "==": x.eq, "!=": x.ne}
    return operations[operator](y).astype("boolean").mask(x.isna() | y.isna())


def crosses_above(x: Column, y: Any) -> Column:
    """Return where x is above y now and was not one bar before; undefined where any of the four values is."""
    y = y if isinstance(y, pd.Series) else pd.Series(float(y), index=x.index)
    values = [x, y, x.shift(1), y.shift(1)]
    unknown = np.logical_or.reduce([value.isna() for value in values])
    return ((x > y) & (x.shift(1) <= y.shift(1))).astype("boolean").mask(unknown)


def crosses_below(x: Column, y: Any) -> Column:
    """Return where x is below y now and was not one bar before."""
    y = y if isinstance(y, pd.Series) else pd.Series(float(y), index=x.index)
    return crosses_above(y, x)


# Warm-up, by the definition: the smallest number of bars after which what came before weighs less than the tolerance.


def ema_bars(n: int, tolerance: float) -> int:
    """Return the bars until an exponential moving average of prices is warm."""
    bars, remaining = n, 1 - 2 / (n + 1)
    while remaining**bars >= tolerance:
        bars += 1
    return bars


def wilder_bars(n: int, tolerance: float) -> int:
    """Return the bars until Wilder's averages of price changes are warm."""
    bars, remaining = n + 1, 1 - 1 / n
    while remaining ** (bars - 1) >= tolerance:
        bars += 1
    return bars
