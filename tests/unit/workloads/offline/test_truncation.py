"""The truncation test itself: it finds a strategy that looks ahead."""

from pathlib import Path

from tests.unit.workloads.factories import make_resolved, random_bars
from trading_workloads.bars.files import read_bars
from trading_workloads.bars.table import BarTable
from trading_workloads.offline.truncation import Signal, signals_of, truncation_difference
from trading_workloads.rules import ResolvedStrategy


def signals_that_wait_for_the_next_bar(resolved: ResolvedStrategy, table: BarTable) -> list[Signal]:
    """Drop whatever the next bar would not have confirmed."""
    rises = [later > now for now, later in zip(table.close[:, 0], table.close[1:, 0], strict=False)]
    return [signal for signal in signals_of(resolved, table) if [*rises, True][signal[0]]]


def test_signal_that_depends_on_later_bars_is_found(tmp_path: Path) -> None:
    random_bars(8, ("AAPL",), 90, gaps=0).to_csv(tmp_path / "bars.csv", index=False)
    table, resolved = read_bars(tmp_path / "bars.csv"), make_resolved()
    assert truncation_difference(resolved, table) is None
    found = truncation_difference(resolved, table, signals_that_wait_for_the_next_bar)
    assert found is not None
    assert found.startswith("with the bars up to 2020-")
