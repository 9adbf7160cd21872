"""P1 and P8: fifty systems of thirty children, from nothing to all present, and the CPU that it took."""

import statistics
from collections.abc import Callable, Sequence
from typing import Final

from bench.operator.cluster import Cluster
from bench.operator.contestants import (
    GO,
    OURS,
    RAW,
    Measured,
    go_operator,
    our_operator,
    plain_operator,
    raw_applies,
)
from bench.operator.grounds import namespaces
from bench.operator.measurement import Measurement, measure
from bench.operator.synthetic import CHILDREN
from bench.rounds import paired, verdict

SYSTEMS: Final = 50
CONTESTANTS: Final = (raw_applies, our_operator, go_operator, plain_operator)

Rounds = dict[str, list[Measurement]]


async def run(cluster: Cluster, rounds: int) -> list[str]:
    """Measure everybody in turn, print what each took, and return the closing lines."""
    names = namespaces(SYSTEMS)
    found: Rounds = {}
    for number in range(rounds):
        for contestant in _in_turn(cluster, number):
            measured = await measure(cluster, contestant, names)
            found.setdefault(contestant.name, []).append(measured)
    _print(found)
    return _verdicts(found)


def _in_turn(cluster: Cluster, number: int) -> Sequence[Measured]:
    """Return everybody, somebody else first in each round."""
    first = number % len(CONTESTANTS)
    return [build(cluster) for build in (*CONTESTANTS[first:], *CONTESTANTS[:first])]


def _print(found: Rounds) -> None:
    print(
        f"\nP1, P8: {SYSTEMS} systems x {CHILDREN} children, controllers running, medians of {len(found[RAW])} rounds"
    )
    print(f"  {'':30} {'children/s':>10} {'of raw':>7} {'CPU/write':>10} {'CPU/child':>10} {'writes':>7} {'peak':>8}")
    for name, runs in found.items():
        ratio = paired(_each(runs, _throughput), _each(found[RAW], _throughput))
        print(
            f"  {name:30} {_median(runs, _throughput):10.0f} {ratio:7.2f}"
            f" {_median(runs, _per_write):7.2f} ms {_median(runs, _per_child):7.2f} ms"
            f" {_median(runs, _writes):7.0f} {_median(runs, _peak):5.0f} MB"
        )


def _verdicts(found: Rounds) -> list[str]:
    ours, raw, go = found[OURS], found[RAW], found[GO]
    return [
        verdict("P1 of raw", paired(_each(ours, _throughput), _each(raw, _throughput)), 0.75, at_least=True),
        verdict("P8 CPU per write", _median(ours, _per_write), 1.5, " ms"),
        verdict("P8 CPU per child, of Go's", paired(_each(ours, _per_child), _each(go, _per_child)), 0.8),
        verdict("P8 CPU per write, of Go's", paired(_each(ours, _per_write), _each(go, _per_write)), 0.8),
    ]


def _throughput(run: Measurement) -> float:
    return run.throughput


def _per_write(run: Measurement) -> float:
    return run.milliseconds_per_write


def _per_child(run: Measurement) -> float:
    return run.milliseconds_per_child


def _writes(run: Measurement) -> float:
    return run.writes.total()


def _peak(run: Measurement) -> float:
    return run.peak_megabytes


def _each(runs: Sequence[Measurement], figure: Callable[[Measurement], float]) -> list[float]:
    return [figure(run) for run in runs]


def _median(runs: Sequence[Measurement], figure: Callable[[Measurement], float]) -> float:
    return statistics.median(_each(runs, figure))
