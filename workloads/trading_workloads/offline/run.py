"""`trading-workloads run`: the signals of a strategy over a file of bars."""

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from trading_workloads.bars.table import BarTable
from trading_workloads.offline.documents import pick_strategy, read_strategies
from trading_workloads.offline.errors import InputError
from trading_workloads.offline.inputs import ignored_fields, read_universe
from trading_workloads.runner.batch import run_batch
from trading_workloads.runner.kernel import Kernel

HEADER: Final = ("time", "symbol", "action", "strength", "price")


def run(strategy_file: Path, name: str | None, bars: Path, output: str) -> int:
    """Write the signals as CSV, in the order of the stream; return the exit code.

    `output` is a path, or `-` for standard output. Strength is empty where it is undefined. Raises `InputError`.
    """
    strategy, resolved = pick_strategy(read_strategies(strategy_file), name).resolve()
    for note in ignored_fields(strategy.spec):
        print(f"note: {note}", file=sys.stderr)  # noqa: T201 - a command for people
    table = read_universe(bars, resolved.symbols)
    kernel = Kernel(resolved, resolved.symbols)
    with _opened(output) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(signal_rows(kernel, table))
    return 0


def signal_rows(kernel: Kernel, table: BarTable) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield the signals of a table of bars as lines of the output."""
    for number, (_, decisions) in enumerate(run_batch(kernel, table)):
        for decision in decisions:
            symbol = table.symbols[decision.symbol]
            strength = "" if decision.strength is None else repr(decision.strength)
            yield table.time_of(number, symbol), symbol, decision.action, strength, repr(decision.price)


@contextmanager
def _opened(output: str) -> Iterator[TextIO]:
    if output == "-":
        yield sys.stdout
        return
    try:
        with Path(output).open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror or error}") from error
