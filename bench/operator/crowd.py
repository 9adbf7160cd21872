"""P5: five thousand objects of ours, and what it takes to know them all."""

from bench.operator.cluster import Cluster
from bench.operator.fleet import OBJECTS, SYSTEMS, ensure_strategies
from bench.operator.plan import Plan
from bench.operator.startup import measure_starts
from bench.operator.synthetic import CHILDREN
from bench.rounds import verdict


async def run(cluster: Cluster, plan: Plan) -> list[str]:
    """Measure the start until in sync and the memory, print them, and return the closing lines."""
    await ensure_strategies(cluster)
    starts = await measure_starts(cluster, OBJECTS, plan.rounds)
    print(
        f"\nP5: start among {OBJECTS} objects, {SYSTEMS} systems x {CHILDREN} children and {OBJECTS - SYSTEMS}"
        f" strategies, until in sync, medians of {plan.rounds} rounds"
    )
    starts.print()
    return [
        verdict("P5 start until everything is listed, of the list", starts.listed_ratio, 2.5),
        verdict("P5 start until every object had a pass, of the list", starts.in_sync_ratio, 2.5),
        verdict("P5 peak resident memory", max(start.peak_megabytes for start in starts.ours), 300, " MB"),
    ]
