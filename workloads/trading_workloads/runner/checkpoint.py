"""How far a strategy has come: what a runner needs to go on from where another one stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FIELDS: Final = ("revision", "anchor", "bar", "positions", "token", "uid")
NO_POSITIONS: Final = "{}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """State of a strategy after one bar, written together with that bar's signals.

    anchor: close of the first bar that the revision has seen, 0 before there is one.
    bar: close of the last bar that was processed, 0 for none. Both in milliseconds of UTC.
    positions: JSON, see `positions.py`. token: the fencing token of its writer. uid: of the Strategy that it belongs
    to; empty in a checkpoint of a version that wrote none.
    """

    revision: str
    anchor: int
    bar: int
    positions: str
    token: int
    uid: str = ""

    def is_of(self, uid: str) -> bool:
        """Whether it may belong to the Strategy of this uid, rather than to an earlier one of the same name."""
        return self.uid in ("", uid)


def read_checkpoint(values: Sequence[bytes | None]) -> Checkpoint | None:
    """Return the checkpoint that the values of `FIELDS` make, or None when Redis has none."""
    revision, anchor, bar, positions, token, uid = (None if value is None else value.decode() for value in values)
    if bar is None:
        return None
    return Checkpoint(revision or "", int(anchor or 0), int(bar), positions or NO_POSITIONS, int(token or 0), uid or "")
