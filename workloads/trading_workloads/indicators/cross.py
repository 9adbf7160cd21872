"""Crossings: a relation that holds now and did not one bar before."""

from trading_workloads.indicators.previous import PreviousState, previous_step
from trading_workloads.indicators.series import Mask, Series, Truth


class CrossState:
    """The previous value of both sides per symbol."""

    __slots__ = ("x", "y")

    def __init__(self, symbols: int) -> None:
        self.x = PreviousState(symbols)
        self.y = PreviousState(symbols)


def crosses_above_step(state: CrossState, x: Series, y: Series, present: Mask | None) -> Truth:
    """Return where x > y now and x <= y one bar before; undefined where any of the four values is."""
    before_x, before_y = previous_step(state.x, x, present), previous_step(state.y, y, present)
    above, below, was_above, was_below = x > y, x <= y, before_x > before_y, before_x <= before_y
    return Truth(above & was_below, (above & was_above) | (below & (was_above | was_below)))


def crosses_below_step(state: CrossState, x: Series, y: Series, present: Mask | None) -> Truth:
    """Return where x < y now and x >= y one bar before; undefined where any of the four values is."""
    return crosses_above_step(state, y, x, present)
