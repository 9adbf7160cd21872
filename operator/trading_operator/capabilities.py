"""Which kinds of children the API server serves: definitions of neighbours come and go while the operator runs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from trading_operator.kinds import Kind


@dataclass(slots=True)
class Capabilities:
    """Kinds that are not served now; every other one is."""

    changed: Callable[[], None]
    """Called when a kind came or went: what any object asks for may be possible now, or not any more."""
    _absent: set[Kind] = field(default_factory=set)

    def serves(self, kind: Kind) -> bool:
        return kind not in self._absent

    def note(self, kind: Kind, *, served: bool) -> None:
        """Take in whether a kind was found."""
        if served == self.serves(kind):
            return
        if served:
            self._absent.discard(kind)
        else:
            self._absent.add(kind)
        self.changed()
