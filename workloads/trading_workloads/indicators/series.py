"""What indicators work on: one value per symbol, at one bar.

NaN is "undefined". Symbols without a bar are absent: their state stands still, and what is computed for them is never
looked at. No step changes an array that it was given or that it has returned.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Series: TypeAlias = NDArray[np.float64]
"""(symbols,) float64."""
Mask: TypeAlias = NDArray[np.bool_]
"""(symbols,) bool."""
Places: TypeAlias = NDArray[np.intp]
"""Positions of some symbols, rising."""
Lanes: TypeAlias = slice | Places
"""Which symbols a step is about: all of them (a slice, so that numpy makes views) or some."""

EVERYONE: Final = slice(None)


class Truth(NamedTuple):
    """A three-valued condition: true, false, or neither, which is undefined. Each (symbols,) bool."""

    true: Mask
    false: Mask


@dataclass(frozen=True, slots=True)
class Tick:
    """The prices of one bar. `present` is None when every symbol has the bar."""

    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series
    present: Mask | None


class Turnout(NamedTuple):
    """Who takes part in a step: lanes with a defined value, and lanes whose value is undefined at their bar."""

    defined: Lanes
    undefined: Lanes | None


def turnout_of(x: Series, present: Mask | None) -> Turnout:
    """Sort the symbols that have a bar by whether x is defined for them."""
    known = x == x  # noqa: PLR0124 - false for NaN alone, in one pass
    if present is None:
        if known.all():
            return Turnout(EVERYONE, None)
        return Turnout(np.flatnonzero(known), np.flatnonzero(~known))
    missing = present & ~known
    return Turnout(np.flatnonzero(present & known), np.flatnonzero(missing) if missing.any() else None)


def present_lanes(present: Mask | None) -> Lanes:
    """Return the lanes of the symbols that have a bar."""
    return EVERYONE if present is None else np.flatnonzero(present)


def undefined(symbols: int) -> Series:
    """Return a series without any value."""
    return np.full(symbols, np.nan)
