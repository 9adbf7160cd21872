"""Which points are still to be swept, and what became of the others."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Final

from tests.faults.oracle import Expectation
from tests.faults.points import Fault, Point, points_at
from tests.faults.scenario import SCENARIO, Step

ATTEMPTS: Final = 3
"""How often a write is waited for that every fault-free run made."""


@dataclass(slots=True)
class Agenda:
    """The points of a sweep."""

    only: Point | None = None
    """Sweep this point alone."""
    writes: dict[Step, int] = field(default_factory=dict)
    """How many writes every fault-free run made in each step."""
    at_times: dict[Step, int] = field(default_factory=dict)
    """How many only some of them made: they are not swept."""
    held: list[Point] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    """What went wrong, by the id of the point; a step may go wrong without a fault too."""
    _waiting: dict[str, deque[Point]] = field(default_factory=dict)
    _missed: Counter[Point] = field(default_factory=Counter)
    never_hit: list[Point] = field(default_factory=list)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps to take: all of them, or those up to the one point."""
        return SCENARIO[: SCENARIO.index(self.only.step) + 1] if self.only else SCENARIO

    def plan(self, step: Step, expected: Expectation) -> None:
        """Take in the points of a step."""
        found = [point for point in points_at(step, expected.writes) if self.only in {None, point}]
        self._waiting[str(step)] = deque(found)
        self.writes[step] = expected.writes.total()
        self.at_times[step] = expected.at_times.total()

    def take(self, step: Step) -> Point | None:
        """Return a point of a step that nobody has taken yet."""
        waiting = self._waiting[str(step)]
        return waiting.popleft() if waiting else None

    def done(self, point: Point, *, hit: bool) -> None:
        """Take in that a point held, or put it back because its write did not come."""
        if hit:
            self.held.append(point)
            return
        self._missed[point] += 1
        if self._missed[point] < ATTEMPTS:
            self._waiting[str(point.step)].append(point)
        else:
            self.never_hit.append(point)

    def fail(self, step: Step, point: Point | None, told: str) -> None:
        """Take in what went wrong at a point, or in a step without one."""
        self.failures[str(point or f"{step}/no-fault")] = told

    def failures_of(self, phase: str) -> dict[str, str]:
        return {name: told for name, told in self.failures.items() if name.startswith(f"{phase}.")}

    def fell_together(self) -> list[Point]:
        """Return the points whose write never came because one pass did what two passes of the fault-free runs did."""
        return [point for point in self.never_hit if point.occurrence > 1]

    def unfinished(self) -> list[Point]:
        """Return the points whose write never came for any other reason, and those that nobody got to."""
        missing = [point for point in self.never_hit if point.occurrence == 1]
        return [*missing, *(point for waiting in self._waiting.values() for point in waiting)]

    def has_more(self, since: Step = SCENARIO[0]) -> bool:
        """Tell whether there may be points from a step on; of one that was not planned yet nobody knows."""
        steps = self.steps[self.steps.index(since) :]
        return any(str(step) not in self._waiting or self._waiting[str(step)] for step in steps)

    def kills(self) -> int:
        """Return at how many points the operator was killed, and all came to the expected end."""
        return sum(point.fault.kills for point in self.held)

    def summary(self) -> list[str]:
        """Return a table of the points that held, by step and by fault."""
        held = Counter((point.step, point.fault) for point in self.held)
        lines = [f"{'step':32}{'writes':>8}" + "".join(f"{fault:>15}" for fault in Fault)]
        for step, writes in self.writes.items():
            lines.append(f"{step!s:32}{writes:8}" + "".join(f"{held[step, fault]:15}" for fault in Fault))
        kills, drops = self.kills(), len(self.held) - self.kills()
        told = f"killed at {kills} points, reply dropped at {drops}: all of them converged and stayed"
        unhit = f"{len(self.unfinished())} were never hit, {len(self.fell_together())} fell together"
        return [
            *lines,
            f"{told}; {len(self.failures)} failed, {unhit}; {sum(self.at_times.values())} writes come only at times",
            *(f"failed: {point}" for point in self.failures),
        ]
