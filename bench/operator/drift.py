"""P6: how soon a child that somebody edits or deletes is as it should be again."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench.operator.census import Identity
from bench.operator.cluster import Cluster
from bench.operator.contestants import our_operator
from bench.operator.grounds import namespaces
from bench.operator.measurement import SETTLING_SECONDS, make_children, warmed
from bench.operator.plan import Plan
from bench.rounds import percentile, verdict
from trading_operator.kinds import CONFIG_MAP, SERVICE, Kind

SYSTEMS: Final = 10
REPETITIONS: Final = 100
WAVES: Final = 3
"""Times that a hundred children are spoiled at once: ninety-nine of a hundred need more than a hundred."""


async def run(cluster: Cluster, _: Plan) -> list[str]:
    """Spoil children one by one, then a hundred at once; print the delays and return the closing lines."""
    names = namespaces(SYSTEMS, "drift")
    contestant = our_operator(cluster)
    async with warmed(cluster, contestant, names, 0):
        await make_children(cluster, contestant, names)
        await asyncio.sleep(SETTLING_SECONDS)
        vandal = Vandal(cluster)
        edits = [await vandal.edit(child) for child in vandal.some(CONFIG_MAP, REPETITIONS)]
        deletions = [await vandal.delete(child) for child in vandal.some(SERVICE, REPETITIONS)]
        at_once = [delay for _ in range(WAVES) for delay in await vandal.spoil_at_once(REPETITIONS)]
    print(f"\nP6: drift among {SYSTEMS} systems, from the request that spoils a child to the event that it is repaired")
    for what, delays in (("one edit", edits), ("one delete", deletions), ("100 at once", at_once)):
        told = ", ".join(f"p{share} {percentile(delays, share):.3f} s" for share in (50, 90, 99))
        print(f"  {what:12} {told}, of {len(delays)}")
    return [
        verdict("P6 one edit, p99", percentile(edits, 99), 1, " s"),
        verdict("P6 one delete, p99", percentile(deletions, 99), 1, " s"),
        verdict("P6 a hundred at once, p99", percentile(at_once, 99), 5, " s"),
    ]


@dataclass(frozen=True, slots=True)
class Vandal:
    """Spoils children and waits for the repair."""

    cluster: Cluster

    def some(self, kind: Kind, count: int) -> list[Identity]:
        """Return children of a kind, the same one again after all others."""
        found = sorted(child for child in self.cluster.children.present if child.kind == kind.kind)
        return [found[number % len(found)] for number in range(count)]

    async def edit(self, child: Identity) -> float:
        """Overwrite the settings of a ConfigMap; return how long they were wrong."""
        started = time.monotonic()
        patch = {"data": {"settings": f"spoiled at {started}"}}
        spoiled = await self.cluster.api.merge(CONFIG_MAP, child.namespace, child.name, patch)
        version = int(spoiled["metadata"]["resourceVersion"])
        return await self._repaired(child, lambda: self.cluster.children.present[child].version > version) - started

    async def delete(self, child: Identity) -> float:
        """Delete a Service; return how long it was missing."""
        uid, started = self.cluster.children.present[child].uid, time.monotonic()
        await self.cluster.api.delete(SERVICE, child.namespace, child.name)

        def is_new() -> bool:
            found = self.cluster.children.present.get(child)
            return found is not None and found.uid != uid

        return await self._repaired(child, is_new) - started

    async def spoil_at_once(self, count: int) -> list[float]:
        """Edit and delete children, all at the same time; return how long each was wrong."""
        edits = (self.edit(child) for child in self._different(CONFIG_MAP, count // 2))
        deletions = (self.delete(child) for child in self._different(SERVICE, count // 2))
        return list(await asyncio.gather(*edits, *deletions))

    def _different(self, kind: Kind, count: int) -> list[Identity]:
        found = self.some(kind, count)
        if len(set(found)) < count:
            raise ValueError(f"found {len(set(found))} children of kind {kind.kind}, expected {count}")
        return found

    async def _repaired(self, child: Identity, condition: Callable[[], bool]) -> float:
        return await self.cluster.children.wait(
            condition, f"{child.kind} {child.namespace}/{child.name} is repaired", 60
        )
