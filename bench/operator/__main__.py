"""`make bench-operator`: the bars P1 to P8. Names of bars as arguments run a part: `python -m bench.operator p1 p6`."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from bench.operator import burst, crowd, drift, newcomer, restart, throughput, writes
from bench.operator.cluster import Cluster, running_cluster
from bench.operator.plan import Plan, read_plan
from devcluster.progress import step

Benchmark = Callable[[Cluster, Plan], Awaitable[list[str]]]

BENCHMARKS: Final[Mapping[str, Benchmark]] = {
    "p2": burst.run,
    "p3": writes.run,
    "p6": drift.run,
    "p1": throughput.run,
    "p8": throughput.run,
    "p4": restart.run,
    "p5": crowd.run,
    "p7": newcomer.run,
}
"""In the order in which they run: those that leave the cluster full come last."""


async def main(plan: Plan) -> None:
    """Run benchmarks until told to stop, then end and remove whatever was started."""
    running = asyncio.create_task(_run(plan))
    signals: list[str] = []

    def stop(number: signal.Signals) -> None:
        signals.append(number.name)
        running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        await running
    except asyncio.CancelledError:
        if not signals:
            raise
        sys.exit(f"stopped by {signals[0]}")


async def _run(plan: Plan) -> None:
    """Run benchmarks, then print every bar once more, in one place."""
    chosen = dict.fromkeys(run for bar, run in BENCHMARKS.items() if plan.wants(bar))
    lines: list[str] = []
    async with running_cluster(keep=plan.keep_cluster) as cluster:
        for run in chosen:
            with step(", ".join(bar.upper() for bar, other in BENCHMARKS.items() if other is run)):
                found = await run(cluster, plan)
            print("\n".join(found), flush=True)
            lines += found
    print("\n" + "\n".join(lines))


if __name__ == "__main__":
    asyncio.run(main(read_plan(sys.argv[1:], BENCHMARKS.keys())))
