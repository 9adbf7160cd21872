"""The value some bars before."""

from trading_workloads.indicators.ring import Ring
from trading_workloads.indicators.series import Mask, Series, present_lanes, undefined


def lag_step(state: Ring, x: Series, present: Mask | None) -> Series:
    """Take in x, (symbols,) float64, and return what it was as many of the symbol's bars before as the ring is long.

    NaN where the symbol has no such bar, or x was undefined there.
    """
    lanes = present_lanes(present)
    earlier = undefined(len(x))
    earlier[lanes] = state.exchange(lanes, x[lanes])
    return earlier
