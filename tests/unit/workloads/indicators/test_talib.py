"""Each indicator, bar by bar, against TA-Lib over whole columns: to the last bit."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import talib
from numpy.typing import NDArray

from trading_workloads.indicators.registry import FACTORIES
from trading_workloads.indicators.series import Tick
from trading_workloads.rules import FUNCTIONS

Array = NDArray[np.float64]
BARS, SYMBOLS = 300, 4

REFERENCES: dict[str, Callable[[Array, int], Array]] = {
    "sma": talib.SMA,
    "ema": talib.EMA,
    "rsi": talib.RSI,
    "highest": lambda x, n: pd.Series(x).rolling(n).max().to_numpy(),
    "lowest": lambda x, n: pd.Series(x).rolling(n).min().to_numpy(),
    "lag": lambda x, n: pd.Series(x).shift(n).to_numpy(),
}
WINDOWS = [1, 2, 3, 5, 7, 14, 21, 33, 50, 60]


def closes(seed: int, style: str) -> Array:
    random = np.random.default_rng(seed)
    if style == "ties":
        return random.integers(10, 14, (BARS, SYMBOLS)).astype(float)
    if style == "still":
        close = np.full((BARS, SYMBOLS), 7.1)
        close[:, 1] += random.integers(0, 2, BARS) * 1e-15
        close[100:, 2] = 7.3
        return close
    if style == "wild":
        return np.exp(random.normal(size=(BARS, SYMBOLS)) * 4)
    return 100 + random.normal(size=(BARS, SYMBOLS)).cumsum(axis=0)


def run_bar_by_bar(name: str, window: int, x: Array, present: NDArray[np.bool_]) -> Array:
    """Return (bars, symbols) of what the step says, NaN where a symbol has no bar."""
    step = FACTORIES[name](x.shape[1], window)
    found = np.full(x.shape, np.nan)
    with np.errstate(all="ignore"):
        for bar, (row, here) in enumerate(zip(x, present, strict=True)):
            price = np.where(here, row, np.nan)
            tick = Tick(price, price + 1, price - 1.5, price, price, None if here.all() else here)
            value = step(tick) if name == "atr" else step(tick, price)
            found[bar, here] = value[here]
    return found


def presence(seed: int, gaps: str) -> NDArray[np.bool_]:
    here = np.ones((BARS, SYMBOLS), dtype=bool)
    if gaps == "late start":
        here[:40, 1] = here[:41, 3] = False
    if gaps == "everywhere":
        here = np.random.default_rng(seed + 1).random((BARS, SYMBOLS)) > 0.2
    if gaps == "late":
        here[200, 2] = False
    return here


@pytest.mark.parametrize("gaps", ["none", "late start", "everywhere", "late"])
@pytest.mark.parametrize("style", ["walk", "ties", "wild", "still"])
@pytest.mark.parametrize("name", [*REFERENCES, "atr"])
def test_step_equals_talib_on_the_bars_of_each_symbol(name: str, style: str, gaps: str) -> None:
    x, present = closes(5, style), presence(5, gaps)
    for window in WINDOWS[1:] if name == "rsi" else WINDOWS:
        found = run_bar_by_bar(name, window, x, present)
        for symbol in range(SYMBOLS):
            here = present[:, symbol]
            np.testing.assert_array_equal(found[here, symbol], reference_of(name, x[here, symbol], window))


def reference_of(name: str, close: Array, window: int) -> Array:
    return talib.ATR(close + 1, close - 1.5, close, window) if name == "atr" else REFERENCES[name](close, window)


@pytest.mark.parametrize("name", REFERENCES)
def test_leading_undefined_values_are_skipped_as_in_talib(name: str) -> None:
    x, present = closes(6, "walk"), presence(6, "none")
    x[:17, 0] = x[:3, 2] = np.nan
    found = run_bar_by_bar(name, 5, x, present)
    for symbol in range(SYMBOLS):
        np.testing.assert_array_equal(found[:, symbol], REFERENCES[name](x[:, symbol].copy(), 5))


@pytest.mark.parametrize("name", ["sma", "ema", "rsi"])
@pytest.mark.parametrize("gaps", ["none", "everywhere"])
def test_undefined_value_starts_history_anew(name: str, gaps: str) -> None:
    x, present = closes(7, "walk"), presence(7, gaps)
    x[[60, 61, 150], [0, 0, 1]] = np.nan
    present[[60, 61, 150], [0, 0, 1]] = True
    found = run_bar_by_bar(name, 5, x, present)
    for symbol in range(SYMBOLS):
        own = pd.Series(x[present[:, symbol], symbol])
        runs = [run.to_numpy() for _, run in own.groupby(own.isna().cumsum())]
        expected = [np.r_[run[np.isnan(run)], restarted(name, run[~np.isnan(run)])] for run in runs]
        np.testing.assert_array_equal(found[present[:, symbol], symbol], np.concatenate(expected))


def restarted(name: str, run: Array) -> Array:
    return REFERENCES[name](run, 5) if len(run) else run


def test_step_changes_nothing_that_it_was_given_or_has_returned() -> None:
    for name, factory in FACTORIES.items():
        function = FUNCTIONS[name]
        constants = [3] * sum(argument.role.value != "series" for argument in function.arguments)
        step = factory(2, *constants)
        series = [np.array([1.0, 2.0]) + bar for bar in range(8) for _ in function.arguments]
        kept: list[tuple[Array, Array]] = []
        for bar in range(8):
            inputs = series[bar * len(function.arguments) :][: len(function.arguments) - len(constants)]
            price = np.array([5.0, 6.0]) + bar
            value = step(Tick(price, price, price, price, price, None), *inputs)
            outputs = value if isinstance(value, tuple) else (value,)
            kept += [(array, array.copy()) for array in (*inputs, price, *outputs)]
        for array, before in kept:
            np.testing.assert_array_equal(array, before, err_msg=name)


def test_rules_and_indicators_know_the_same_functions() -> None:
    assert FACTORIES.keys() == FUNCTIONS.keys()
