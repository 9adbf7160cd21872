"""P3: how much is written, by the API server's audit log: on create, when idle, on restart, after an edit."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

from bench.operator.census import Census, systems_followed
from bench.operator.cluster import Cluster
from bench.operator.contestants import Operator, our_operator
from bench.operator.grounds import clear, create_systems, ensure_namespaces, namespaces
from bench.operator.measurement import SETTLING_SECONDS
from bench.operator.objects import SYSTEM, is_ready
from bench.operator.plan import Plan
from bench.operator.synthetic import CHILDREN
from bench.rounds import verdict
from trading_operator.kinds import TRADING_SYSTEM

SYSTEMS: Final = 10
STATUS: Final = "patch tradingsystems/status"
CHANGED_CHILD: Final = "patch configmaps"

Writes = Counter[str]


async def run(cluster: Cluster, plan: Plan) -> list[str]:
    """Count the writes of one life, print them, and return the closing lines."""
    names = namespaces(SYSTEMS, "writes")
    await ensure_namespaces(cluster.api, names)
    operator = our_operator(cluster)
    await operator.start()
    try:
        async with systems_followed(cluster.api) as systems:
            counted = await _live(cluster, operator, systems, names, plan.idle_seconds)
    finally:
        await operator.stop()
        await clear(cluster.api, cluster.children, names)
    print(f"\nP3: writes of {SYSTEMS} systems x {CHILDREN} children, Lease apart")
    for what, writes in counted.items():
        print(f"  {what:40} {dict(writes) or 'none'}")
    created, idle, restarted, edited = counted.values()
    beside = edited.total() - edited[STATUS] - edited[CHANGED_CHILD]
    return [
        verdict("P3 created: writes of a system beside its children", created.total() / SYSTEMS - CHILDREN, 3),
        verdict(f"P3 idle for {plan.idle_seconds:.0f} s: writes", idle.total(), 0),
        verdict("P3 restarted with nothing changed: writes", restarted.total(), 0),
        verdict("P3 a field edited: writes of the child that changes", edited[CHANGED_CHILD] / SYSTEMS, 1),
        verdict("P3 a field edited: writes of a status", edited[STATUS] / SYSTEMS, 1),
        verdict("P3 a field edited: other writes", beside, 0),
    ]


async def _live(
    cluster: Cluster, operator: Operator, systems: Census, names: Sequence[str], idle_seconds: float
) -> dict[str, Writes]:
    """Return what was written in each part of a life."""
    counted: dict[str, Writes] = {}
    place = cluster.audit.end()

    def count(what: str) -> None:
        nonlocal place
        counted[what] = cluster.audit.writes(operator.user_agents, place)
        place = cluster.audit.end()

    await create_systems(cluster.api, names)
    await _settled(systems, generation=1)
    count("created")
    await asyncio.sleep(idle_seconds)
    count(f"idle for {idle_seconds:.0f} s")
    await operator.stop()
    await operator.start()
    await asyncio.sleep(SETTLING_SECONDS)
    count("restarted, nothing changed")
    edit = {"spec": {"services": {"data": {"logLevel": "Debug"}}}}
    for name in names:
        await cluster.api.merge(TRADING_SYSTEM, name, SYSTEM, edit)
    await _settled(systems, generation=2)
    count("one field edited")
    return counted


async def _settled(systems: Census, generation: int) -> None:
    """Wait until every system is Ready in its generation, and controllers have said what they had to say."""

    def ready() -> bool:
        found = [sighting.document for sighting in systems.present.values()]
        return len(found) == SYSTEMS and all(is_ready(document, generation) for document in found)

    await systems.wait(ready, f"systems are Ready in generation {generation}")
    await asyncio.sleep(SETTLING_SECONDS)
