"""`trading-workloads check`: whether a strategy can be trusted, as a table of findings."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from rich.table import Table

from trading_workloads.bars.table import BarTable
from trading_workloads.offline.documents import StrategyDocument, pick_strategy, read_strategies
from trading_workloads.offline.errors import DocumentError
from trading_workloads.offline.inputs import ignored_fields, read_universe
from trading_workloads.offline.recursion import measure_recursion
from trading_workloads.offline.terminal import console
from trading_workloads.offline.truncation import truncation_difference
from trading_workloads.rules import ResolvedStrategy, check_strategy

Result = Literal["ok", "finding", "note", "skipped"]
_COLOURS: Final[dict[Result, str]] = {"ok": "green", "finding": "red", "note": "yellow", "skipped": "dim"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check says. Only a finding makes the command fail."""

    check: str
    result: Result
    detail: str


def check(strategy_file: Path, name: str | None, bars: Path | None) -> int:
    """Print a table for each strategy of a file, or for the named one; return 1 when there is a finding, else 0.

    Raises `InputError` for files that cannot be used.
    """
    documents = read_strategies(strategy_file)
    chosen = documents if name is None else [pick_strategy(documents, name)]
    findings = 0
    for document in chosen:
        outcomes = list(outcomes_of(document, bars))
        findings += sum(outcome.result == "finding" for outcome in outcomes)
        console().print(_table(document.owner, outcomes))
    return 1 if findings else 0


def outcomes_of(document: StrategyDocument, bars: Path | None) -> Iterator[Outcome]:
    """Yield what each check says, in their order; after wrong documents or rules there is nothing more to check."""
    try:
        strategy = document.validate()
    except DocumentError as error:
        yield from (Outcome("schema", "finding", mistake) for mistake in error.mistakes)
        return
    yield Outcome("schema", "ok", "every field fits")
    if errors := check_strategy(strategy.spec):
        yield from (Outcome("rules", "finding", error.message) for error in errors)
        return
    _, resolved = document.resolve()
    yield Outcome("rules", "ok", f"{len(resolved.rules.expressions())} expressions: grammar, types and bounds")
    yield from (Outcome("files", "note", note) for note in ignored_fields(strategy.spec))
    table = read_universe(bars, resolved.symbols) if bars else None
    yield _check_warmup(resolved, table)
    if table is None:
        yield Outcome("truncation", "skipped", "needs --bars")
        yield Outcome("recursion", "skipped", "needs --bars")
        return
    yield _check_truncation(resolved, table)
    yield _check_recursion(resolved, table)


def _check_warmup(resolved: ResolvedStrategy, table: BarTable | None) -> Outcome:
    first, needed = resolved.first_evaluated_bar, resolved.warmup_bars
    if table is not None:
        bars = np.count_nonzero(~np.isnan(table.close), axis=0).tolist()
        short = [f"{symbol} has {count}" for symbol, count in zip(table.symbols, bars, strict=True) if count < first]
        if short:
            return Outcome("warm-up", "finding", f"evaluated from bar {first} of each symbol; {', '.join(short)}")
    if first < needed:
        return Outcome("warm-up", "note", f"evaluated from bar {first}, before bar {needed}, when the rules are warm")
    return Outcome("warm-up", "ok", f"evaluated from bar {first} of each symbol; the rules need {needed}")


def _check_truncation(resolved: ResolvedStrategy, table: BarTable) -> Outcome:
    difference = truncation_difference(resolved, table)
    if difference is None:
        return Outcome("truncation", "ok", "no signal depends on later bars")
    return Outcome("truncation", "finding", difference)


def _check_recursion(resolved: ResolvedStrategy, table: BarTable) -> Outcome:
    found = measure_recursion(resolved, table)
    if not found.compared:
        return Outcome("recursion", "skipped", "too few bars to begin later")
    text, share = found.largest()
    moved = f"; {text} moves most, by {share:.1e} of its size" if share else ""
    if not found.changed:
        return Outcome("recursion", "ok", f"{found.compared} evaluations do not depend on where history begins{moved}")
    detail = (
        f"{found.changed} of {found.compared} evaluations depend on where history begins, first {found.first}{moved}"
    )
    return Outcome("recursion", "finding", f"{detail}; more warm-up or a smaller tolerance settles them")


def _table(title: str, outcomes: list[Outcome]) -> Table:
    table = Table("check", "result", "detail", title=title, title_justify="left")
    for outcome in outcomes:
        table.add_row(outcome.check, f"[{_COLOURS[outcome.result]}]{outcome.result}[/]", _plain(outcome.detail))
    return table


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
