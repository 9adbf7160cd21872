"""P7: how soon an object that is new is Ready while more than a thousand resyncs wait for their passes."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp

from bench.operator.census import Census, Identity, systems_followed
from bench.operator.cluster import Cluster
from bench.operator.fleet import OBJECTS, ensure_strategies
from bench.operator.grounds import clear, create_systems, ensure_namespaces, namespaces
from bench.operator.objects import SYSTEM, is_ready
from bench.operator.ours import Ours
from bench.operator.plan import Plan
from bench.rounds import percentile, verdict
from trading_operator.kinds import TRADING_SYSTEM

NEWCOMERS: Final = 100
WAITING: Final = 1_000
RESYNC_SECONDS: Final = "2"
"""So that there is always another crowd soon; ten minutes is what the operator does by itself."""
EVERY_SECONDS: Final = 0.02
LONGEST_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """One new object."""

    waiting: int
    """Objects that waited for a pass when it was created."""
    seconds: float
    """From the request that creates it until it says that it is Ready."""


async def run(cluster: Cluster, _: Plan) -> list[str]:
    """Create objects one after the other, print the delays, and return the closing line."""
    await ensure_strategies(cluster)
    names = namespaces(NEWCOMERS, "newcomer")
    await ensure_namespaces(cluster.api, names)
    ours = Ours.on(cluster.kubeconfig, cluster.log("ours"), TRADING_OPERATOR_RESYNC_SECONDS=RESYNC_SECONDS)
    await ours.program.start()
    try:
        await ours.has_made(OBJECTS)
        async with systems_followed(cluster.api) as systems:
            arrivals = await _arrive(cluster, ours, systems, names)
    finally:
        await ours.program.stop()
        await clear(cluster.api, cluster.children, names)
    delays = [arrival.seconds for arrival in arrivals]
    told = ", ".join(f"p{share} {percentile(delays, share):.3f} s" for share in (50, 90, 99))
    crowd = statistics.median(arrival.waiting for arrival in arrivals)
    print(
        f"\nP7: {len(delays)} new systems, each among at least {WAITING} resyncs that wait, {crowd:.0f} in the median"
    )
    print(f"  {'created until Ready':30} {told}")
    return [verdict("P7 a new object among resyncs is Ready, p99", percentile(delays, 99), 2, " s")]


async def _arrive(cluster: Cluster, ours: Ours, systems: Census, names: Sequence[str]) -> list[Arrival]:
    arrivals = []
    async with aiohttp.ClientSession() as http:
        for name in names:
            waiting = await _crowd(ours, http)
            started = time.monotonic()
            await create_systems(cluster.api, [name])
            arrivals.append(Arrival(waiting, await _ready(systems, name) - started))
    return arrivals


async def _crowd(ours: Ours, http: aiohttp.ClientSession) -> int:
    """Return how many objects wait, once there are enough."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while (depth := (await ours.queue(http))[0]) < WAITING:  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(EVERY_SECONDS)
    return int(depth)


async def _ready(systems: Census, namespace: str) -> float:
    identity = Identity(TRADING_SYSTEM.kind, namespace, SYSTEM)

    def said() -> bool:
        seen = systems.present.get(identity)
        return seen is not None and is_ready(seen.document)

    return await systems.wait(said, f"the system of {namespace} is Ready")
