"""A start of our operator among objects that are all as they should be, beside a plain list of the same objects."""

import asyncio
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bench.operator.cluster import Cluster
from bench.operator.contestants import OURS, raw_program
from bench.operator.ours import USER_AGENTS, Ours
from bench.operator.synthetic import KINDS
from bench.rounds import paired
from trading_operator.kinds import OBJECTS
from trading_operator.labels import SELECTOR

SETTLING_SECONDS: Final = 5.0
"""What comes after the first passes, kopf's watches and writes that should not be, counts too."""
RAW_LIST: Final = "raw list"
LISTED: Final = " ".join([*(f"{kind.plural}/" for kind in OBJECTS), *(f"{kind.plural}/{SELECTOR}" for kind in KINDS)])
"""What the operator lists when it starts, in the words of the raw lister."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Every page of every kind, read by a process that was there and does nothing else."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Start:
    """One start of our operator; times are since its process was started."""

    alive_seconds: float
    """Until it answered at all: the interpreter, and what it imports."""
    listed_seconds: float
    in_sync_seconds: float
    """Until every object had a pass and none waited."""
    cpu_seconds: float
    peak_megabytes: float
    writes: int


@dataclass(frozen=True, slots=True)
class Starts:
    """Rounds of both."""

    ours: list[Start] = field(default_factory=list)
    lists: list[Listing] = field(default_factory=list)

    def ratio(self, figure: Callable[[Start], float]) -> float:
        """Return a time of ours, of the time of the list in the same round."""
        return paired([figure(start) for start in self.ours], [one.seconds for one in self.lists])

    @property
    def listed_ratio(self) -> float:
        """The time until everything was listed, of the list's."""
        return self.ratio(lambda start: start.listed_seconds)

    @property
    def in_sync_ratio(self) -> float:
        """The time until every object had a pass and none waited, of the list's."""
        return self.ratio(lambda start: start.in_sync_seconds)

    def median(self, figure: Callable[[Start], float]) -> float:
        return statistics.median(figure(start) for start in self.ours)

    def print(self) -> None:
        """Print what each took."""
        listed = statistics.median(one.seconds for one in self.lists)
        cpu = statistics.median(one.cpu_seconds for one in self.lists)
        print(f"  {RAW_LIST:30} {listed:6.2f} s, CPU {cpu:5.2f} s")
        alive, ready = self.median(lambda start: start.alive_seconds), self.median(lambda start: start.listed_seconds)
        print(
            f"  {OURS:30} {self.median(lambda start: start.in_sync_seconds):6.2f} s,"
            f" CPU {self.median(lambda start: start.cpu_seconds):5.2f} s, {self.in_sync_ratio:.2f} of the list;"
            f" answers after {alive:.2f} s, has listed after {ready:.2f} s, {self.listed_ratio:.2f} of the list;"
            f" peak {self.median(lambda start: start.peak_megabytes):.0f} MB"
        )


async def measure_starts(cluster: Cluster, objects: int, rounds: int) -> Starts:
    """List everything and start the operator, in turn."""
    starts = Starts()
    for _ in range(rounds):
        starts.lists.append(await _list(cluster))
        starts.ours.append(await _start(cluster, objects))
    return starts


async def _list(cluster: Cluster) -> Listing:
    program = raw_program(cluster)
    await program.start()
    try:
        await program.ask("list secrets/")  # a connection, as whoever lists already has one
        cpu = program.cpu_seconds()
        seconds = float(await program.ask(f"list {LISTED}"))
        return Listing(seconds, program.cpu_seconds() - cpu)
    finally:
        await program.stop()


async def _start(cluster: Cluster, objects: int) -> Start:
    ours, place = Ours.on(cluster.kubeconfig, cluster.log("ours")), cluster.audit.end()
    await ours.program.start()
    try:
        alive, listed, in_sync = await ours.answers("livez"), await ours.answers("readyz"), await ours.in_sync(objects)
        cpu, started = ours.program.cpu_seconds(), ours.program.started
        await asyncio.sleep(SETTLING_SECONDS)
        return Start(
            alive_seconds=alive - started,
            listed_seconds=listed - started,
            in_sync_seconds=in_sync - started,
            cpu_seconds=cpu,
            peak_megabytes=ours.program.peak_megabytes(),
            writes=cluster.audit.writes(USER_AGENTS, place).total(),
        )
    finally:
        await ours.program.stop()
