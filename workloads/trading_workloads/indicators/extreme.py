"""Highest and lowest value of a window, in a constant number of operations per bar.

Source: van Herk 1992, Gil and Werman 1993: values come in blocks as long as the window; a window is the rest of the
block before and the beginning of this one, and the extreme of each part is known.
"""

from typing import TypeAlias

import numpy as np

from trading_workloads.indicators.ring import RowCursor
from trading_workloads.indicators.series import Mask, Places, Series, present_lanes, undefined

Pick: TypeAlias = np.ufunc
"""`numpy.maximum` or `numpy.minimum`; both keep NaN."""


class ExtremeState:
    """Block values per symbol, (window, symbols): below the current row this block's, from it on the last block's,
    each already the extreme of itself and all after it. `beginning` is the extreme of this block so far."""

    __slots__ = ("beginning", "block", "cursor", "pick", "window")

    def __init__(self, symbols: int, window: int, pick: Pick) -> None:
        self.window = window
        self.pick = pick
        self.block = np.full((window, symbols), np.nan)
        self.beginning = undefined(symbols)
        self.cursor = RowCursor(window, symbols)


def extreme_step(state: ExtremeState, x: Series, present: Mask | None) -> Series:
    """Advance the extreme by one bar.

    x: (symbols,) float64. Returns (symbols,) float64, NaN until `window` defined values in a row. Values as TA-Lib's
    MAX and MIN.
    """
    rows, lanes = state.cursor.advance(present_lanes(present))
    values = x[lanes]
    state.block[rows, lanes] = values
    beginning = np.where(rows == 0, values, state.pick(state.beginning[lanes], values))
    state.beginning[lanes] = beginning
    rest = state.block[np.minimum(rows + 1, state.window - 1), lanes]
    at_end = rows == state.window - 1
    extreme = undefined(len(x))
    extreme[lanes] = np.where(at_end, beginning, state.pick(beginning, rest))
    if np.any(at_end):
        _turn_block(state, lanes if isinstance(lanes, slice) or isinstance(rows, int) else lanes[at_end])
    return extreme


def _turn_block(state: ExtremeState, lanes: slice | Places) -> None:
    """Make each value of a full block the extreme of itself and all after it."""
    state.block[:, lanes] = state.pick.accumulate(state.block[::-1, lanes], axis=0)[::-1]
