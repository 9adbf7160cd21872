"""Relative strength index."""

import numpy as np

from trading_workloads.indicators.previous import PreviousState, previous_step
from trading_workloads.indicators.series import Mask, Series
from trading_workloads.indicators.smoothing import SmoothingState, smoothing_step


class RsiState:
    """The previous value and the smoothed rises and falls per symbol."""

    __slots__ = ("falls", "previous", "rises")

    def __init__(self, symbols: int, window: int) -> None:
        self.previous = PreviousState(symbols)
        self.rises = _wilder_state(symbols, window)
        self.falls = _wilder_state(symbols, window)


def _wilder_state(symbols: int, window: int) -> SmoothingState:
    share = 1.0 / window
    return SmoothingState(
        symbols,
        window,
        seed=lambda total: total * share,
        blend=lambda previous, x: (previous * (window - 1.0) + x) * share,
    )


def rsi_step(state: RsiState, x: Series, present: Mask | None) -> Series:
    """Advance Wilder's relative strength index by one bar.

    x: (symbols,) float64, NaN where undefined, which starts its symbol anew. Returns (symbols,) float64 in [0, 100],
    NaN until `window` changes in a row. Source: Wilder 1978; seeds and rounding as TA-Lib's RSI, 0 without movement.
    """
    change = x - previous_step(state.previous, x, present)
    rises = smoothing_step(state.rises, np.maximum(change, 0.0), present)
    falls = smoothing_step(state.falls, np.maximum(-change, 0.0), present)
    movement = rises + falls
    return np.where(movement == 0.0, 0.0, 100.0 * (rises / movement))
