"""P4: a restart among five hundred systems of thirty children, none of which has changed."""

from bench.operator.cluster import Cluster
from bench.operator.fleet import SYSTEMS, ensure_systems
from bench.operator.plan import Plan
from bench.operator.startup import measure_starts
from bench.operator.synthetic import CHILDREN
from bench.rounds import verdict


async def run(cluster: Cluster, plan: Plan) -> list[str]:
    """Measure the start until in sync, print it, and return the closing lines."""
    await ensure_systems(cluster)
    starts = await measure_starts(cluster, SYSTEMS, plan.rounds)
    print(
        f"\nP4: restart among {SYSTEMS} systems x {CHILDREN} children, until in sync, medians of {plan.rounds} rounds"
    )
    starts.print()
    writes = sum(start.writes for start in starts.ours)
    return [
        verdict("P4 restart until in sync, of the list", starts.in_sync_ratio, 3),
        verdict("P4 restart: writes", writes, 0),
    ]
