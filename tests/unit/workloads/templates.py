"""Rules written twice: as the text that users write, and as pandas and TA-Lib write them for the oracle.

Each template gets two windows, a threshold and the tolerance; the texts know the first three as parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from tests.oracle import (
    OracleRules,
    atr,
    compare,
    crosses_above,
    crosses_below,
    ema,
    ema_bars,
    finite,
    highest,
    lowest,
    moving_average_cross,
    power,
    rsi,
    sma,
    wilder_bars,
)


@dataclass(frozen=True)
class Settings:
    """n, m: windows, at least 2. k: a threshold. tolerance: of the warm-up."""

    n: int
    m: int
    k: float
    tolerance: float


@dataclass(frozen=True)
class Template:
    """`logic` as documents write it, `rules` for the oracle."""

    logic: dict[str, Any]
    rules: OracleRules


TEMPLATES: Final[dict[str, Callable[[Settings], Template]]] = {}


def template(build: Callable[[Settings], Template]) -> Callable[[Settings], Template]:
    """Put a template into the table."""
    TEMPLATES[build.__name__] = build
    return build


def rules(**texts: Any) -> dict[str, Any]:
    return {"rules": texts}


@template
def averages_cross(s: Settings) -> Template:
    return Template(
        rules(
            let={"f": "sma(close, n)", "s": "sma(close, m)"},
            enterLong="crosses_above(f, s)",
            exitLong="crosses_below(f, s)",
        ),
        OracleRules(
            max(s.n, s.m) + 1,
            enter_long=lambda b: crosses_above(sma(b.close, s.n), sma(b.close, s.m)),
            exit_long=lambda b: crosses_below(sma(b.close, s.n), sma(b.close, s.m)),
        ),
    )


@template
def builtin_cross(s: Settings) -> Template:
    slow = s.n + s.m
    return Template({"builtin": {"movingAverageCross": {"fast": s.n, "slow": slow}}}, moving_average_cross(s.n, slow))


@template
def exponential_long_and_short(s: Settings) -> Template:
    return Template(
        rules(
            enterLong="close > ema(close, n)",
            exitLong="close < ema(close, n)",
            enterShort="close < ema(close, n)",
            exitShort="close > ema(close, n)",
        ),
        OracleRules(
            ema_bars(s.n, s.tolerance),
            enter_long=lambda b: compare(b.close, ">", ema(b.close, s.n)),
            exit_long=lambda b: compare(b.close, "<", ema(b.close, s.n)),
            enter_short=lambda b: compare(b.close, "<", ema(b.close, s.n)),
            exit_short=lambda b: compare(b.close, ">", ema(b.close, s.n)),
        ),
    )


@template
def oversold(s: Settings) -> Template:
    return Template(
        rules(enterLong="crosses_above(rsi(close, n), 40 + k)", exitLong="rsi(close, n) > 60"),
        OracleRules(
            wilder_bars(s.n, s.tolerance) + 1,
            enter_long=lambda b: crosses_above(rsi(b.close, s.n), 40 + s.k),
            exit_long=lambda b: compare(rsi(b.close, s.n), ">", 60),
        ),
    )


@template
def breakout_with_range_stop(s: Settings) -> Template:
    return Template(
        rules(
            enterLong="close > lag(highest(high, n), 1)",
            exitLong="close < highest(high, n) - k * atr(m)",
            strength="(close - open) / atr(m)",
        ),
        OracleRules(
            max(s.n + 1, wilder_bars(s.m, s.tolerance)),
            enter_long=lambda b: compare(b.close, ">", highest(b.high, s.n).shift(1)),
            exit_long=lambda b: compare(b.close, "<", highest(b.high, s.n) - s.k * atr(b, s.m)),
            strength=lambda b: finite((b.close - b.open) / atr(b, s.m)),
        ),
    )


@template
def channel_that_can_be_ambiguous(s: Settings) -> Template:
    return Template(
        rules(
            enterLong="close >= highest(close, n)",
            enterShort="close <= lowest(close, n)",
            exitLong="close <= lowest(close, m)",
            exitShort="close >= highest(close, m)",
        ),
        OracleRules(
            max(s.n, s.m),
            enter_long=lambda b: compare(b.close, ">=", highest(b.close, s.n)),
            enter_short=lambda b: compare(b.close, "<=", lowest(b.close, s.n)),
            exit_long=lambda b: compare(b.close, "<=", lowest(b.close, s.m)),
            exit_short=lambda b: compare(b.close, ">=", highest(b.close, s.m)),
        ),
    )


@template
def division_by_zero_stays_undefined(s: Settings) -> Template:
    return Template(
        rules(
            enterLong="not (close / (close - lag(close, 1)) > k)",
            exitLong="not close / (close - open) < k",
        ),
        OracleRules(
            2,
            enter_long=lambda b: ~compare(finite(b.close / (b.close - b.close.shift(1))), ">", s.k),
            exit_long=lambda b: ~compare(finite(b.close / (b.close - b.open)), "<", s.k),
        ),
    )


@template
def undefined_beside_or_and_and(_: Settings) -> Template:
    def broken(b: pd.DataFrame) -> pd.Series:
        return compare(finite(1 / (b.close - b.open)), ">", 0)

    return Template(
        rules(
            let={"broken": "1 / (close - open) > 0"},
            enterLong="broken or close > lag(close, 1)",
            exitLong="not (broken and close >= lag(close, 1))",
        ),
        OracleRules(
            2,
            enter_long=lambda b: broken(b) | compare(b.close, ">", b.close.shift(1)),
            exit_long=lambda b: ~(broken(b) & compare(b.close, ">=", b.close.shift(1))),
        ),
    )


@template
def chained_comparison(s: Settings) -> Template:
    return Template(
        rules(enterLong="low < lag(close, 1) <= high", exitLong="open > lag(open, n) > lag(open, m) != close"),
        OracleRules(
            max(2, s.n + 1, s.m + 1),
            enter_long=lambda b: compare(b.low, "<", b.close.shift(1)) & compare(b.close.shift(1), "<=", b.high),
            exit_long=lambda b: (
                compare(b.open, ">", b.open.shift(s.n))
                & compare(b.open.shift(s.n), ">", b.open.shift(s.m))
                & compare(b.open.shift(s.m), "!=", b.close)
            ),
        ),
    )


@template
def average_of_an_index(s: Settings) -> Template:
    return Template(
        rules(
            let={"r": "rsi(close, n)", "a": "sma(r, m)"},
            enterLong="r > a",
            exitLong="r < ema(r, m)",
        ),
        OracleRules(
            wilder_bars(s.n, s.tolerance) + max(s.m, ema_bars(s.m, s.tolerance)) - 1,
            enter_long=lambda b: compare(rsi(b.close, s.n), ">", sma(rsi(b.close, s.n), s.m)),
            exit_long=lambda b: compare(rsi(b.close, s.n), "<", ema(rsi(b.close, s.n), s.m)),
        ),
    )


@template
def averages_start_anew_after_undefined(s: Settings) -> Template:
    def ratio(b: pd.DataFrame) -> pd.Series:
        return finite(1 / (b.close - b.open))

    return Template(
        rules(
            let={"ratio": "1 / (close - open)"},
            enterLong="sma(ratio, 3) > ema(ratio, 2)",
            exitLong="rsi(ratio, 2) < 50 or ratio < 0",
        ),
        OracleRules(
            max(3, ema_bars(2, s.tolerance), wilder_bars(2, s.tolerance)),
            enter_long=lambda b: compare(sma(ratio(b), 3), ">", ema(ratio(b), 2)),
            exit_long=lambda b: compare(rsi(ratio(b), 2), "<", 50) | compare(ratio(b), "<", 0),
        ),
    )


@template
def extremes_of_undefined(_: Settings) -> Template:
    def ratio(b: pd.DataFrame) -> pd.Series:
        return finite(b.high / (b.volume - b.volume.shift(1)))

    return Template(
        rules(
            let={"ratio": "high / (volume - lag(volume, 1))"},
            enterLong="ratio >= highest(ratio, 4)",
            exitLong="lag(ratio, 2) == lowest(ratio, 3)",
        ),
        OracleRules(
            5,
            enter_long=lambda b: compare(ratio(b), ">=", highest(ratio(b), 4)),
            exit_long=lambda b: compare(ratio(b).shift(2), "==", lowest(ratio(b), 3)),
        ),
    )


@template
def no_lag_at_all(s: Settings) -> Template:
    return Template(
        rules(enterLong="lag(close, 0) > sma(close, 1) - k", exitLong="close < lag(ema(open, 1), n - 2)"),
        OracleRules(
            s.n - 1,
            enter_long=lambda b: compare(b.close, ">", b.close - s.k),
            exit_long=lambda b: compare(b.close, "<", b.open.shift(s.n - 2)),
        ),
    )


@template
def clipped_strength(s: Settings) -> Template:
    def strength(b: pd.DataFrame) -> pd.Series:
        distance = finite((b.close - sma(b.close, s.n)) / (s.k * atr(b, s.m)))
        return pd.Series(np.minimum(np.maximum(distance, -1.0), 1.0))

    return Template(
        rules(
            let={"mean": "sma(close, n)"},
            enterLong="close > mean",
            exitLong="close < mean",
            enterShort="close < mean",
            exitShort="close > mean",
            strength="clip((close - mean) / (k * atr(m)), -1, 1)",
        ),
        OracleRules(
            max(s.n, wilder_bars(s.m, s.tolerance)),
            enter_long=lambda b: compare(b.close, ">", sma(b.close, s.n)),
            exit_long=lambda b: compare(b.close, "<", sma(b.close, s.n)),
            enter_short=lambda b: compare(b.close, "<", sma(b.close, s.n)),
            exit_short=lambda b: compare(b.close, ">", sma(b.close, s.n)),
            strength=strength,
        ),
    )


@template
def remainder_and_power(s: Settings) -> Template:
    return Template(
        rules(
            enterLong="volume % 7 < 3 and (close - open) ** 0.5 < 2",
            exitLong="(high - low) ** 2 > k or (open - close) % 0.3 > 0.2",
        ),
        OracleRules(
            1,
            enter_long=lambda b: compare(b.volume % 7, "<", 3) & compare(power(b.close - b.open, 0.5), "<", 2),
            exit_long=lambda b: (
                compare(power(b.high - b.low, 2.0), ">", s.k) | compare((b.open - b.close) % 0.3, ">", 0.2)
            ),
        ),
    )


@template
def equal_and_different(_: Settings) -> Template:
    return Template(
        rules(enterLong="close == lag(close, 1)", exitLong="close != open and -close < -open"),
        OracleRules(
            2,
            enter_long=lambda b: compare(b.close, "==", b.close.shift(1)),
            exit_long=lambda b: compare(b.close, "!=", b.open) & compare(-b.close, "<", -b.open),
        ),
    )


@template
def never_left(s: Settings) -> Template:
    return Template(
        rules(enterShort="close < lowest(low, n) + k"),
        OracleRules(s.n, enter_short=lambda b: compare(b.close, "<", lowest(b.low, s.n) + s.k)),
    )


@template
def windows_from_arithmetic(s: Settings) -> Template:
    return Template(
        rules(
            let={"double": "n * 2", "average": "sma(close, double)"},
            enterLong="close > average",
            exitLong="close < sma(close, m + n - 1)",
        ),
        OracleRules(
            max(s.n * 2, s.m + s.n - 1),
            enter_long=lambda b: compare(b.close, ">", sma(b.close, s.n * 2)),
            exit_long=lambda b: compare(b.close, "<", sma(b.close, s.m + s.n - 1)),
        ),
    )


@template
def largest_and_smallest_of_several(s: Settings) -> Template:
    def middle(b: pd.DataFrame) -> pd.Series:
        return (np.maximum(np.maximum(b.open, b.close), b.low) + np.minimum(b.open, b.close)) / 2

    return Template(
        rules(
            let={"middle": "(max(open, close, low) + min(open, close)) / 2"},
            enterLong="middle > lag(middle, n)",
            exitLong="abs(middle - lag(middle, 1)) > k",
            strength="abs(middle - close)",
        ),
        OracleRules(
            s.n + 1,
            enter_long=lambda b: compare(middle(b), ">", middle(b).shift(s.n)),
            exit_long=lambda b: compare((middle(b) - middle(b).shift(1)).abs(), ">", s.k),
            strength=lambda b: (middle(b) - b.close).abs(),
        ),
    )


@template
def crossing_a_level(s: Settings) -> Template:
    return Template(
        rules(
            let={"above": "crosses_above(close - open, k - 1)", "below": "crosses_below(close, lag(high, n))"},
            enterLong="above and not below",
            exitLong="below or above",
        ),
        OracleRules(
            s.n + 2,
            enter_long=lambda b: crosses_above(b.close - b.open, s.k - 1) & ~crosses_below(b.close, b.high.shift(s.n)),
            exit_long=lambda b: crosses_below(b.close, b.high.shift(s.n)) | crosses_above(b.close - b.open, s.k - 1),
        ),
    )


@template
def strength_that_can_be_undefined(_: Settings) -> Template:
    return Template(
        rules(
            enterLong="close >= lag(close, 1)",
            exitLong="close <= lag(close, 1)",
            strength="(close - lag(close, 1)) / (high - open)",
        ),
        OracleRules(
            2,
            enter_long=lambda b: compare(b.close, ">=", b.close.shift(1)),
            exit_long=lambda b: compare(b.close, "<=", b.close.shift(1)),
            strength=lambda b: finite((b.close - b.close.shift(1)) / (b.high - b.open)),
        ),
    )


@template
def exponential_divergence(s: Settings) -> Template:
    def gap(b: pd.DataFrame) -> pd.Series:
        return ema(b.close, s.n) - ema(b.close, s.m)

    return Template(
        rules(
            let={"gap": "ema(close, n) - ema(close, m)", "line": "ema(gap, 3)"},
            enterLong="crosses_above(gap, line)",
            exitLong="crosses_below(gap, line)",
            enterShort="crosses_below(gap, line)",
            exitShort="crosses_above(gap, line)",
        ),
        OracleRules(
            max(ema_bars(s.n, s.tolerance), ema_bars(s.m, s.tolerance)) + ema_bars(3, s.tolerance),
            enter_long=lambda b: crosses_above(gap(b), ema(gap(b), 3)),
            exit_long=lambda b: crosses_below(gap(b), ema(gap(b), 3)),
            enter_short=lambda b: crosses_below(gap(b), ema(gap(b), 3)),
            exit_short=lambda b: crosses_above(gap(b), ema(gap(b), 3)),
        ),
    )
