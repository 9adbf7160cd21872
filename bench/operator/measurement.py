"""One contestant, measured once: how long, at what cost, with which writes."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.operator.cluster import Cluster
from bench.operator.contestants import Contestant
from bench.operator.grounds import CANARY, clear
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
    peak_mebibytes: float

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


async def measure(cluster: Cluster, contestant: Contestant, names: Sequence[str], settling: float) -> Measurement:
    """Have a contestant make the children of one system unmeasured, then those of all systems, from nothing."""
    await contestant.start()
    try:
        await _make(cluster, contestant, [CANARY])
        await asyncio.sleep(settling)
        return await _measured(cluster, contestant, names, settling)
    finally:
        await contestant.program.stop()
        await clear(cluster.api, cluster.children, [CANARY, *names])


async def _measured(cluster: Cluster, contestant: Contestant, names: Sequence[str], settling: float) -> Measurement:
    place, cpu = cluster.audit.end(), contestant.program.cpu_seconds()
    seconds = await _make(cluster, contestant, names)
    await asyncio.sleep(settling)
    return Measurement(
        seconds=seconds,
        children=CHILDREN * len(names),
        cpu_seconds=contestant.program.cpu_seconds() - cpu,
        writes=cluster.audit.writes(contestant.user_agents, place),
        peak_mebibytes=contestant.program.peak_mebibytes(),
    )


async def _make(cluster: Cluster, contestant: Contestant, names: Sequence[str]) -> float:
    """Return how long it took until the last child was there."""
    await contestant.prepare(names)
    wanted = len(cluster.children.present) + CHILDREN * len(names)
    started = time.monotonic()
    _, present = await asyncio.gather(contestant.submit(), cluster.children.counts(wanted))
    return present - started
