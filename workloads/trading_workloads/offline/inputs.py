"""What the commands run on: a strategy and the bars of its universe."""

from pathlib import Path

from trading_operator.api.strategy import StrategySpec
from trading_workloads.bars.files import BarFileError, read_bars
from trading_workloads.bars.table import BarTable
from trading_workloads.offline.errors import InputError


def read_universe(path: Path, symbols: tuple[str, ...]) -> BarTable:
    """Return the bars of a universe from a file, its other symbols left out. Raises `InputError`."""
    try:
        table = read_bars(path)
    except BarFileError as error:
        raise InputError(str(error)) from error
    if missing := [symbol for symbol in symbols if symbol not in table.symbols]:
        known = ", ".join(table.symbols)
        raise InputError(f"{path}: found no bar of {', '.join(missing)}; the file has {known}")
    return table.select(symbols)


def ignored_fields(spec: StrategySpec) -> list[str]:
    """Return what a spec asks for that files do not give, so that signals may differ from those of a cluster."""
    ignored = []
    if spec.data.gaps == "Halt":
        ignored.append("spec.data.gaps: Halt has no effect on files; missing bars are skipped")
    if spec.data.adjustment == "PointInTime":
        ignored.append("spec.data.adjustment: PointInTime has no effect on files; prices are taken as they are")
    return ignored
