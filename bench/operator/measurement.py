"""One contestant, measured once: how long, at what cost, with which writes."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bench.operator.cluster import Cluster
from bench.operator.contestants import Contestant, Measured
from bench.operator.grounds import CANARY, clear, ensure_namespaces
from bench.operator.synthetic import CHILDREN

SETTLING_SECONDS: Final = 6.0
"""A period of the autoscalers' controller and a little more: what controllers write back is seen and paid for too."""
MILLISECONDS: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """What it took to get the children of some systems."""

    seconds: float
    children: int
    cpu_seconds: float
    writes: Counter[str]
    peak_megabytes: float

    @property
    def throughput(self) -> float:
        """Children per second."""
        return self.children / self.seconds

    @property
    def milliseconds_per_write(self) -> float:
        """CPU per write request that it sent, watching included."""
        return self.cpu_seconds / self.writes.total() * MILLISECONDS

    @property
    def milliseconds_per_child(self) -> float:
        """CPU per child that it made: requests that change nothing do not make it look cheaper."""
        return self.cpu_seconds / self.children * MILLISECONDS


@asynccontextmanager
async def warmed(
    cluster: Cluster, contestant: Contestant, names: Sequence[str], settling: float
) -> AsyncIterator[None]:
    """Give a contestant that has made the children of one system, unmeasured; afterwards nothing is left of it."""
    await ensure_namespaces(cluster.api, [CANARY, *names])
    await contestant.start()
    try:
        await make_children(cluster, contestant, [CANARY])
        await asyncio.sleep(settling)
        yield
    finally:
        await contestant.stop()
        await clear(cluster.api, cluster.children, [CANARY, *names])


async def make_children(cluster: Cluster, contestant: Contestant, names: Sequence[str]) -> float:
    """Return how long it took until the last child was there, of new systems in these namespaces."""
    await contestant.prepare(names)
    wanted = len(cluster.children.present) + CHILDREN * len(names)
    started = time.monotonic()
    _, present = await asyncio.gather(contestant.submit(), cluster.children.counts(wanted))
    return present - started


async def measure(cluster: Cluster, contestant: Measured, names: Sequence[str]) -> Measurement:
    """Have a contestant make the children of systems from nothing, and count what it took."""
    async with warmed(cluster, contestant, names, SETTLING_SECONDS):
        place, cpu = cluster.audit.end(), contestant.program.cpu_seconds()
        seconds = await make_children(cluster, contestant, names)
        await asyncio.sleep(SETTLING_SECONDS)
        return Measurement(
            seconds=seconds,
            children=CHILDREN * len(names),
            cpu_seconds=contestant.program.cpu_seconds() - cpu,
            writes=cluster.audit.writes(contestant.user_agents, place),
            peak_megabytes=contestant.program.peak_megabytes(),
        )
