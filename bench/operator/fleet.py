"""A full cluster: five hundred systems of thirty children each, and strategies up to five thousand objects.

Made once, by the operator itself, for every benchmark that needs it; it goes with the cluster.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bench.operator.apiserver import at_once
from bench.operator.cluster import Cluster
from bench.operator.grounds import create_systems, ensure_namespaces, namespaces
from bench.operator.objects import make_strategy
from bench.operator.ours import Ours
from bench.operator.synthetic import CHILDREN
from devcluster.progress import step
from trading_operator.kinds import STRATEGY, TRADING_SYSTEM

SYSTEMS: Final = 500
STRATEGIES_OF_EACH: Final = 9
OBJECTS: Final = SYSTEMS * (1 + STRATEGIES_OF_EACH)
REST_SECONDS: Final = 6.0
"""The fleet counts as made when nothing happened for so long: a period of the autoscalers' controller and more."""


async def ensure_systems(cluster: Cluster) -> None:
    """Have the systems there with all their children, and nothing left to do."""
    if await cluster.api.count(TRADING_SYSTEM) >= SYSTEMS:
        return
    names = _namespaces()
    with step(f"{SYSTEMS} systems x {CHILDREN} children"):
        await ensure_namespaces(cluster.api, names)
        async with _operator_until_rest(cluster, SYSTEMS):
            await create_systems(cluster.api, names)


async def ensure_strategies(cluster: Cluster) -> None:
    """Have the strategies there too, each with its status."""
    await ensure_systems(cluster)
    if await cluster.api.count(STRATEGY) >= OBJECTS - SYSTEMS:
        return
    wanted = [(name, f"strategy-{number}") for name in _namespaces() for number in range(STRATEGIES_OF_EACH)]
    with step(f"{len(wanted)} strategies"):
        async with _operator_until_rest(cluster, OBJECTS):
            await at_once(lambda one: cluster.api.create(make_strategy(*one)), wanted)


@asynccontextmanager
async def _operator_until_rest(cluster: Cluster, objects: int) -> AsyncIterator[None]:
    operator = Ours.on(cluster.kubeconfig, cluster.log("ours"))
    await operator.start()
    try:
        yield
        await operator.in_sync(objects, REST_SECONDS)
    finally:
        await operator.program.stop()


def _namespaces() -> list[str]:
    return namespaces(SYSTEMS, "fleet")
