"""The driver over recorded bars: the kernel, bar by bar, as live running does."""

from collections.abc import Iterable, Iterator

from trading_workloads.bars.bar import Bar
from trading_workloads.runner.decision import Decision
from trading_workloads.runner.kernel import Kernel


def run_batch(kernel: Kernel, bars: Iterable[Bar]) -> Iterator[tuple[Bar, list[Decision]]]:
    """Yield each bar with its decisions, in order of time."""
    for bar in bars:
        yield bar, kernel.step(bar)
