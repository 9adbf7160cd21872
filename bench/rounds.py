"""Interleaved rounds of two ways to do the same, and what they say about each other."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 7


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians over all rounds: the ratio of paired CPU times, and the CPU seconds of each way."""

    ratio: float
    ours_seconds: float
    theirs_seconds: float


def compare(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = ROUNDS) -> Comparison:
    """Run both ways in turn, after one unmeasured round each, and compare their CPU times."""
    ours()
    theirs()
    pairs = [(cpu_seconds(ours), cpu_seconds(theirs)) for _ in range(rounds)]
    return Comparison(
        ratio=statistics.median(mine / other for mine, other in pairs),
        ours_seconds=statistics.median(mine for mine, _ in pairs),
        theirs_seconds=statistics.median(other for _, other in pairs),
    )


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of one call, in seconds."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def paired(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median ratio of what was measured in the same rounds."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def verdict(name: str, value: float, bar: float, unit: str = "", *, at_least: bool = False) -> str:
    """Return the closing line of a bar: `P11 0.81 (bar <= 4) met`."""
    met = value >= bar if at_least else value <= bar
    return f"{name} {value:.3g}{unit} (bar {'>=' if at_least else '<='} {bar:g}{unit}) {'met' if met else 'short'}"


def percentile(values: Sequence[float], share: int) -> float:
    """Return the smallest value that this share of all values, in percent, does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]
