"""The truncation test: signals that came before a bar do not change when the bars after it are taken away."""

from collections.abc import Callable
from typing import Final, TypeAlias

from trading_workloads.bars.table import BarTable
from trading_workloads.rules import ResolvedStrategy
from trading_workloads.runner.batch import run_batch
from trading_workloads.runner.decision import Decision
from trading_workloads.runner.kernel import Kernel

CUTS: Final = 8
Signal: TypeAlias = tuple[int, Decision]
"""A decision with the number of its bar, from 0."""
SignalsOf: TypeAlias = Callable[[ResolvedStrategy, BarTable], list[Signal]]


def signals_of(resolved: ResolvedStrategy, table: BarTable) -> list[Signal]:
    """Return every decision over a table."""
    kernel = Kernel(resolved, table.symbols)
    return [(bar, each) for bar, (_, decisions) in enumerate(run_batch(kernel, table)) for each in decisions]


def truncation_difference(
    resolved: ResolvedStrategy, table: BarTable, signals_of: SignalsOf = signals_of
) -> str | None:
    """Return where the first signal stands that depends on later bars, or None when there is none.

    The table is cut at `CUTS` places; each cut must have just those signals of the whole that lie before it.
    `signals_of` computes them.
    """
    whole = signals_of(resolved, table)
    for cut in range(1, CUTS + 1):
        end = len(table) * cut // (CUTS + 1)
        expected = [signal for signal in whole if signal[0] < end]
        found = signals_of(resolved, table.rows(0, end))
        if found != expected:
            bar = min((bar for bar, _ in _difference(found, expected)), default=end)
            return f"with the bars up to {table.written[end - 1]} alone, the signals at {table.written[bar]} differ"
    return None


def _difference(found: list[Signal], expected: list[Signal]) -> list[Signal]:
    return [signal for signal in found + expected if (signal in found) != (signal in expected)]
