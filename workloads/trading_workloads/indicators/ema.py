"""Exponential moving average."""

from trading_workloads.indicators.fused import factor_of, multiply_add
from trading_workloads.indicators.series import Series
from trading_workloads.indicators.smoothing import SmoothingState


def ema_state(symbols: int, window: int) -> SmoothingState:
    """Return the state of an exponential moving average, to be advanced by `smoothing_step`.

    Source: TA-Lib's EMA: seeded with the mean of the first `window` values, then
    `(x - previous) * 2 / (window + 1) + previous`, product and sum rounded once; a window of 1 is x itself.
    """
    weight = factor_of(2.0 / (window + 1))

    def blend(previous: Series, x: Series) -> Series:
        return x if window == 1 else multiply_add(x - previous, weight, previous)

    return SmoothingState(symbols, window, lambda total: total / window, blend)
