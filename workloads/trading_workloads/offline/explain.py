"""`trading-workloads explain`: what a strategy means."""

from pathlib import Path

from rich.table import Table
from rich.text import Text

from trading_workloads.offline.documents import pick_strategy, read_strategies
from trading_workloads.offline.terminal import console
from trading_workloads.rules import FUNCTIONS, ResolvedStrategy, revision_of


def explain(strategy_file: Path, name: str | None, image: str) -> int:
    """Print the rules of each strategy of a file, or of the named one; return the exit code. Raises `InputError`."""
    documents = read_strategies(strategy_file)
    out = console()
    for document in documents if name is None else [pick_strategy(documents, name)]:
        strategy, resolved = document.resolve()
        revision = revision_of(strategy.spec, image)
        out.print(Text(f"{document.owner}: {resolved.logic}, revision {revision}"))
        out.print(Text(_evaluation(resolved)))
        out.print(_rules_table(resolved))
        out.print(_functions_table(resolved))
    return 0


def _evaluation(resolved: ResolvedStrategy) -> str:
    symbols = ", ".join(resolved.symbols)
    limits = f"minStrength {resolved.min_strength:g}, cooldownBars {resolved.cooldown_bars}"
    return f"{symbols}, each {resolved.timeframe} bar from number {resolved.first_evaluated_bar} on; {limits}"


def _rules_table(resolved: ResolvedStrategy) -> Table:
    table = Table("rule", "means", "first valid bar")
    for where, expression in resolved.rules.expressions().items():
        warmup = resolved.warmups.get(where)
        table.add_row(where, Text(" ".join(expression.text.split())), "" if warmup is None else str(warmup))
    return table


def _functions_table(resolved: ResolvedStrategy) -> Table:
    table = Table("function", "means")
    for name in sorted(resolved.functions()):
        table.add_row(FUNCTIONS[name].signature, FUNCTIONS[name].meaning)
    return table
