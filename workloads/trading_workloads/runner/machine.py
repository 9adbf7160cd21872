"""The state machine of all symbols at one bar: which positions are left and which are taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trading_workloads.indicators.series import Mask, Series, Truth
from trading_workloads.runner.decision import Action, Side
from trading_workloads.runner.holdings import FLAT, LONG, SHORT, Positions

Places: TypeAlias = list[int]


@dataclass(frozen=True, slots=True)
class EntryLimits:
    """When an entry is not taken: under a strength, whatever its sign, or within some bars after an exit."""

    min_strength: float = 0.0
    cooldown_bars: int = 0


@dataclass(slots=True)
class Counters:
    """Entries that were not taken, counted once per symbol and bar."""

    ambiguous: int = 0
    """Both `enterLong` and `enterShort` were true."""
    cooldown: int = 0
    """The symbol was left too few bars before."""
    below_min_strength: int = 0
    """The strength was under the limit."""
    undefined_strength: int = 0
    """The strength had no value."""


@dataclass(frozen=True, slots=True)
class Move:
    """A transition that some symbols make, and the rule behind it."""

    action: Action
    side: Side
    rule: str
    places: Places
    entry: bool


_EXITS: Final[tuple[tuple[Action, Side, str, int], ...]] = (
    ("ExitLong", "Long", "exitLong", LONG),
    ("ExitShort", "Short", "exitShort", SHORT),
)
_ENTRIES: Final[tuple[tuple[Action, Side, str, int], ...]] = (
    ("EnterLong", "Long", "enterLong", LONG),
    ("EnterShort", "Short", "enterShort", SHORT),
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the machine looks at: who is evaluated, which rules fire, how strong, and each symbol's bar number."""

    evaluated: Mask
    rules: Mapping[str, Truth]
    strength: Series | None
    bar_numbers: NDArray[np.int64]


def leave(positions: Positions, now: Situation) -> list[Move]:
    """Leave the positions whose exit rule fires; return the moves."""
    moves = []
    for action, side, rule, held in _EXITS:
        if rule not in now.rules:
            continue
        leaving = now.evaluated & now.rules[rule].true & (positions.side == held)
        if leaving.any():
            positions.side[leaving] = FLAT
            positions.last_exit[leaving] = now.bar_numbers[leaving]
            moves.append(Move(action, side, rule, np.flatnonzero(leaving).tolist(), entry=False))
    return moves


def enter(positions: Positions, now: Situation, limits: EntryLimits, counters: Counters) -> list[Move]:
    """Take the positions of flat symbols whose entry rule fires, as far as the limits allow; return the moves."""
    flat = now.evaluated & (positions.side == FLAT)
    nobody = np.zeros_like(flat)
    long = flat & now.rules["enterLong"].true if "enterLong" in now.rules else nobody
    short = flat & now.rules["enterShort"].true if "enterShort" in now.rules else nobody
    wanted = long ^ short
    if not (long | short).any():
        return []
    counters.ambiguous += int(np.count_nonzero(long & short))
    taken = _within_limits(positions, now, limits, counters, wanted)
    moves = []
    for (action, side, rule, held), entering in zip(_ENTRIES, (long & taken, short & taken), strict=True):
        if entering.any():
            positions.side[entering] = held
            moves.append(Move(action, side, rule, np.flatnonzero(entering).tolist(), entry=True))
    return moves


def _within_limits(positions: Positions, now: Situation, limits: EntryLimits, counters: Counters, wanted: Mask) -> Mask:
    if limits.cooldown_bars:
        since_exit = now.bar_numbers - positions.last_exit
        cooling = wanted & (positions.last_exit > 0) & (since_exit <= limits.cooldown_bars)
        counters.cooldown += int(np.count_nonzero(cooling))
        wanted = wanted & ~cooling
    strength = np.ones(len(wanted)) if now.strength is None else np.abs(now.strength)
    strong = wanted & (strength >= limits.min_strength)
    unknown = wanted & np.isnan(strength)
    counters.undefined_strength += int(np.count_nonzero(unknown))
    counters.below_min_strength += int(np.count_nonzero(wanted & ~strong & ~unknown))
    return strong
