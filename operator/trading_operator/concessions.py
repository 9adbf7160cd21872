"""Fields of children that the API server insists on: written once, then left as they are.

It may fill in what this release does not know of, and its webhooks may change what is written to it. What comes back in
the very answer to a write would come back each time: an operator that insists too would write for ever.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from trading_operator.observed import ChildKey


class _Concession(NamedTuple):
    hashed: str
    paths: frozenset[str]


@dataclass(slots=True)
class Concessions:
    """What was conceded, for as long as the same is asked for."""

    _made: dict[ChildKey, _Concession] = field(default_factory=dict)

    def make(self, key: ChildKey, hashed: str, paths: Iterable[str]) -> None:
        """Concede more paths of a child that is asked for like this."""
        before = self._made.get(key)
        known = before.paths if before and before.hashed == hashed else frozenset()
        self._made[key] = _Concession(hashed, known.union(paths))

    def cover(self, key: ChildKey, hashed: str, paths: Iterable[str]) -> bool:
        """Tell whether all of these paths were conceded: always so where there are none."""
        found = self._made.get(key)
        known = found.paths if found and found.hashed == hashed else frozenset()
        return known.issuperset(paths)

    def withdraw(self) -> None:
        """Concede nothing any more: whoever insisted may be gone."""
        self._made.clear()
