"""Average true range."""

import numpy as np

from trading_workloads.indicators.fused import factor_of, multiply_add
from trading_workloads.indicators.previous import PreviousState, previous_step
from trading_workloads.indicators.series import Series, Tick
from trading_workloads.indicators.smoothing import SmoothingState, smoothing_step


class AtrState:
    """The previous close and the smoothed true range per symbol."""

    __slots__ = ("close", "ranges")

    def __init__(self, symbols: int, window: int) -> None:
        kept = factor_of((window - 1.0) / window)
        self.close = PreviousState(symbols)
        self.ranges = SmoothingState(
            symbols,
            window,
            seed=lambda total: total / window,
            blend=lambda previous, x: multiply_add(previous, kept, x * (1.0 - kept.value)),
        )


def atr_step(state: AtrState, tick: Tick) -> Series:
    """Advance Wilder's average true range by one bar.

    Returns (symbols,) float64 in the price's unit, NaN until `window` true ranges, of which a symbol's first bar has
    none. Source: Wilder 1978; seeds and rounding as TA-Lib's ATR, product and sum rounded once.
    """
    close = previous_step(state.close, tick.close, tick.present)
    reach = np.maximum(np.abs(close - tick.high), np.abs(close - tick.low))
    return smoothing_step(state.ranges, np.maximum(tick.high - tick.low, reach), tick.present)
