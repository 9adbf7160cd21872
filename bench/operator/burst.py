"""P2: one system of thirty children, from nothing to all present."""

import statistics
from collections.abc import Callable
from typing import Final

from bench.operator.cluster import Cluster
from bench.operator.commands import HELM, KUBECTL, HelmInstall, KubectlApply
from bench.operator.contestants import OURS, RAW, Contestant, our_operator, raw_applies
from bench.operator.measurement import make_children, warmed
from bench.operator.plan import Plan
from bench.operator.synthetic import CHILDREN
from bench.rounds import paired, verdict

NAMESPACE: Final = "burst"
SETTLING_SECONDS: Final = 1.0
BURSTS: Final = 3
"""Bursts of each contestant in a round: one is over in a blink, and the next one costs no new start."""
CONTESTANTS: Final[tuple[Callable[[Cluster], Contestant], ...]] = (
    raw_applies,
    our_operator,
    KubectlApply,
    HelmInstall,
)


async def run(cluster: Cluster, plan: Plan) -> list[str]:
    """Measure everybody in turn, print what each took, and return the closing lines."""
    found: dict[str, list[float]] = {}
    for _ in range(plan.rounds):
        for build in CONTESTANTS:
            contestant = build(cluster)
            found.setdefault(contestant.name, []).append(await _burst(cluster, contestant))
    print(f"\nP2: one system x {CHILDREN} children, to all present, medians of {plan.rounds} rounds of {BURSTS}")
    for name, seconds in found.items():
        print(f"  {name:30} {statistics.median(seconds):6.3f} s, {paired(seconds, found[RAW]):5.2f} of raw")
    ours = found[OURS]
    return [
        verdict("P2 of the raw burst", paired(ours, found[RAW]), 2),
        verdict("P2 of kubectl apply --server-side", paired(ours, found[KUBECTL]), 1),
        verdict("P2 of helm install", paired(ours, found[HELM]), 0.5),
    ]


async def _burst(cluster: Cluster, contestant: Contestant) -> float:
    """Return the median of some bursts of one contestant, each in a namespace of its own."""
    names = [f"{NAMESPACE}-{number}" for number in range(BURSTS)]
    async with warmed(cluster, contestant, names, SETTLING_SECONDS):
        return statistics.median([await make_children(cluster, contestant, [name]) for name in names])
