"""What a strategy decides about a symbol at one bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Action: TypeAlias = Literal["EnterLong", "ExitLong", "EnterShort", "ExitShort"]
Side: TypeAlias = Literal["Long", "Short"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, explained.

    symbol: place in the universe. strength: value of the strength rule, 1.0 without one, None where it is undefined
    (an exit is decided all the same). price: the bar's close. rule: name in the spec, such as `enterLong`. values: what
    the rule's operands and names of `let` were, by their text, None where undefined. number: place among the decisions
    of the bar, `2 * symbol`, one more for an entry, so that an exit comes before an entry.
    """

    symbol: int
    action: Action
    side: Side
    strength: float | None
    price: float
    rule: str
    values: Mapping[str, float | None]
    number: int
