"""Simple moving average."""

import numpy as np

from trading_workloads.indicators.ring import Ring
from trading_workloads.indicators.series import Mask, Series, turnout_of, undefined


class SmaState:
    """A running total per symbol, how many values went into it, and the values that are still to leave it."""

    __slots__ = ("count", "recent", "total", "window")

    def __init__(self, symbols: int, window: int) -> None:
        self.window = window
        self.total = np.zeros(symbols)
        self.count = np.zeros(symbols, dtype=np.int64)
        self.recent = Ring(window - 1, symbols, empty=0.0)


def sma_step(state: SmaState, x: Series, present: Mask | None) -> Series:
    """Advance the average by one bar.

    x: (symbols,) float64; an undefined value starts its symbol anew. Returns (symbols,) float64, NaN until `window`
    values in a row. Source: TA-Lib's SMA, with its running total: add, divide, then subtract the oldest.
    """
    lanes, restarting = turnout_of(x, present)
    if restarting is not None:
        state.total[restarting] = 0.0
        state.count[restarting] = 0
        state.recent.clear(restarting)
    values = x[lanes]
    total = state.total[lanes] + values
    state.count[lanes] += 1
    average = undefined(len(x))
    average[lanes] = np.where(state.count[lanes] >= state.window, total / state.window, np.nan)
    state.total[lanes] = total - state.recent.exchange(lanes, values)
    return average
