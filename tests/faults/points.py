"""Points of a sweep: one write of one step, and one kind of fault at it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Final

from tests.faults.ledger import Sent
from tests.faults.scenario import SCENARIO, Step

POINT_VARIABLE: Final = "FAULT_POINT"
"""Environment variable with the id of the one point to sweep."""

LOST_REPLIES: Final = 4
"""How many at most in one step: each costs as much as a kill, and one of the trials loses all replies."""


class Fault(StrEnum):
    """What happens at the write."""

    KILLED_BEFORE = "killed-before"
    """The operator is killed, and the write never reaches the API server."""
    KILLED_AFTER = "killed-after"
    """The write is carried out, and the operator is killed before it hears of it."""
    REPLY_DROPPED = "reply-dropped"
    """The write is carried out, and the connection is closed instead of an answer; the operator lives on."""

    @property
    def kills(self) -> bool:
        return self is not Fault.REPLY_DROPPED


@dataclass(frozen=True, slots=True)
class Point:
    """A place where a fault is put in."""

    step: Step
    fault: Fault
    write: str
    """Verb and target, such as `patch/deployments/data-service`."""
    occurrence: int
    """Which write of this kind within the step, from 1."""

    def __str__(self) -> str:
        return f"{self.step}/{self.fault}/{self.write}/{self.occurrence}"


def parse_point(text: str) -> Point:
    """Return the point that an id names. Raises ValueError for what is no id."""
    step, fault, rest = text.split("/", 2)
    write, _, occurrence = rest.rpartition("/")
    named = next((found for found in SCENARIO if str(found) == step), None)
    if named is None:
        raise ValueError(f'{text}: found step "{step}", expected one of {", ".join(map(str, SCENARIO))}')
    return Point(named, Fault(fault), write, int(occurrence))


def points_at(step: Step, writes: Counter[str]) -> Iterator[Point]:
    """Yield both kills at every write of a step, and lost replies at some of them."""
    each = list(_each(writes))
    for number, (write, occurrence) in enumerate(each):
        yield Point(step, Fault.KILLED_BEFORE, write, occurrence)
        yield Point(step, Fault.KILLED_AFTER, write, occurrence)
        if number % ceil(len(each) / LOST_REPLIES) == 0:
            yield Point(step, Fault.REPLY_DROPPED, write, occurrence)


def _each(writes: Counter[str]) -> Iterator[tuple[str, int]]:
    for write, count in sorted(writes.items()):
        for occurrence in range(1, count + 1):
            yield write, occurrence


def count_writes(sent: Iterable[Sent]) -> Counter[str]:
    return Counter(str(request) for request in sent)
