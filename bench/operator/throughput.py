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
from bench.operator.peers import controllerruntime
from bench.operator.peers.controllerruntime import GoMissingError
from bench.operator.plan import Plan
from bench.operator.synthetic import CHILDREN
from bench.rounds import paired, verdict

SYSTEMS: Final = 50

Rounds = dict[str, list[Measurement]]


async def run(cluster: Cluster, plan: Plan) -> list[str]:
    """Measure everybody in turn, print what each took, and return the closing lines."""
    names, everybody = namespaces(SYSTEMS), _everybody()
    found: Rounds = {}
    for number in range(plan.rounds):
        first = number % len(everybody)
        for build in (*everybody[first:], *everybody[:first]):
            contestant = build(cluster)
            measured = await measure(cluster, contestant, names)
            found.setdefault(contestant.name, []).append(measured)
    _print(found)
    return _verdicts(found)


def _everybody() -> tuple[Callable[[Cluster], Measured], ...]:
    """Return all who can be measured here."""
    try:
        controllerruntime.built()
    except GoMissingError as missing:
        print(f"  {GO}: skipped: {missing}", flush=True)
        return raw_applies, our_operator, plain_operator
    return raw_applies, our_operator, go_operator, plain_operator


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
    ours, raw, go = found[OURS], found[RAW], found.get(GO)
    lines = [
        verdict("P1 of raw", paired(_each(ours, _throughput), _each(raw, _throughput)), 0.75, at_least=True),
        verdict("P8 CPU per write", _median(ours, _per_write), 1.5, " ms"),
    ]
    if go is None:
        return [*lines, "P8 CPU of Go's skipped: go is not installed"]
    return [
        *lines,
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
