"""`make bench-operator`: the bars P1 to P8. Names of bars as arguments run a part: `python -m bench.operator p1 p6`."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from bench.operator import burst, crowd, drift, newcomer, restart, throughput, writes
from bench.operator.cluster import Cluster, running_cluster

Benchmark = Callable[[Cluster, int], Awaitable[list[str]]]

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
"""In the order in which they run: those that fill the cluster come last."""
ROUNDS: Final = 5


async def main(wanted: Sequence[str]) -> None:
    """Run benchmarks, then print every bar once more, in one place."""
    rounds = int(os.environ.get("BENCH_ROUNDS", ROUNDS))
    chosen = dict.fromkeys(run for bar, run in BENCHMARKS.items() if not wanted or bar in wanted)
    lines: list[str] = []
    async with running_cluster() as cluster:
        for run in chosen:
            found = await run(cluster, rounds)
            print("\n".join(found), flush=True)
            lines += found
    print("\n" + "\n".join(lines))


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - BENCHMARKS.keys():
        sys.exit(f"found {', '.join(sorted(unknown))}; expected some of {', '.join(BENCHMARKS)}")
    asyncio.run(main(sys.argv[1:]))
