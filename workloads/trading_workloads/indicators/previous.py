"""The value one bar before: the shortest lag, and the one that most others need."""

import numpy as np

from trading_workloads.indicators.series import Mask, Series, undefined


class PreviousState:
    """The last value that each symbol had; NaN before its first bar."""

    __slots__ = ("value",)

    def __init__(self, symbols: int) -> None:
        self.value = undefined(symbols)


def previous_step(state: PreviousState, x: Series, present: Mask | None) -> Series:
    """Take in x, (symbols,) float64, and return what each symbol had one of its bars before, NaN at its first."""
    previous = state.value
    state.value = x.copy() if present is None else np.where(present, x, previous)
    return previous
