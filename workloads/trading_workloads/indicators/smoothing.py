"""Recursive averages: a mean of the first values as the seed, then each value blended into what was before."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from trading_workloads.indicators.series import Mask, Series, turnout_of, undefined

Seed: TypeAlias = Callable[[Series], Series]
"""Total of the first `window` values -> their mean."""
Blend: TypeAlias = Callable[[Series, Series], Series]
"""(average one bar before, value) -> average."""


class SmoothingState:
    """The average per symbol (until it is seeded, the total), (symbols,) float64, and how many values went into it."""

    __slots__ = ("average", "blend", "count", "seed", "window")

    def __init__(self, symbols: int, window: int, seed: Seed, blend: Blend) -> None:
        self.window = window
        self.seed = seed
        self.blend = blend
        self.average = np.zeros(symbols)
        self.count = np.zeros(symbols, dtype=np.int64)


def smoothing_step(state: SmoothingState, x: Series, present: Mask | None) -> Series:
    """Advance the average by one bar.

    x: (symbols,) float64; an undefined value starts its symbol anew. Returns (symbols,) float64, NaN until `window`
    values in a row.
    """
    lanes, restarting = turnout_of(x, present)
    if restarting is not None:
        state.average[restarting] = 0.0
        state.count[restarting] = 0
    values, previous = x[lanes], state.average[lanes]
    state.count[lanes] += 1
    count = state.count[lanes]
    blended = state.blend(previous, values)
    average = undefined(len(x))
    if count.size and count.min() <= state.window:
        total = previous + values
        seeded = np.where(count == state.window, state.seed(total), total)
        blended = np.where(count <= state.window, seeded, blended)
        average[lanes] = np.where(count >= state.window, blended, np.nan)
    else:
        average[lanes] = blended
    state.average[lanes] = blended
    return average
