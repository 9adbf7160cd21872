"""A strategy's spec made ready to run: rules parsed and checked, warm-up counted, settings as numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from trading_operator.api.base import parse_decimal
from trading_operator.api.logic import Logic
from trading_operator.api.strategy import StrategySpec, Universe
from trading_workloads.rules.builtin import ExpandedBuiltin, expand_builtin
from trading_workloads.rules.definitions import build_rules
from trading_workloads.rules.errors import RuleError
from trading_workloads.rules.names import name_errors
from trading_workloads.rules.parameters import parameter_values
from trading_workloads.rules.parsed import ParsedRules
from trading_workloads.rules.parser import Scope
from trading_workloads.rules.tree import Call, nodes_of
from trading_workloads.rules.warmup import WarmupCounter

MEMORY_LIMIT: Final = 20_000_000
"""Most values (8 bytes each) that the windows of one strategy may keep, over all of its symbols."""


@dataclass(frozen=True, slots=True)
class ResolvedStrategy:
    """What a runner needs to know about a strategy.

    `warmup_bars` is what the rules need: the number, from 1, of a symbol's first bar at which every rule is valid.
    `first_evaluated_bar` is the number of the first bar that is evaluated: the same with `warmup.bars: Auto`, else one
    more than `warmup.bars`. `expanded` has the rules as texts, by their names in the spec.
    """

    logic: str
    rules: ParsedRules
    expanded: dict[str, str | dict[str, str]]
    warmups: dict[str, int]
    warmup_bars: int
    first_evaluated_bar: int
    symbols: tuple[str, ...]
    timeframe: str
    tolerance: float
    min_strength: float
    cooldown_bars: int

    def functions(self) -> set[str]:
        """Return the names of the functions that the rules call."""
        return {
            node.function
            for expression in self.rules.expressions().values()
            for node in nodes_of(expression.root)
            if isinstance(node, Call)
        }


def resolve_strategy(spec: StrategySpec) -> ResolvedStrategy:
    """Return a strategy ready to run. Raises the first `RuleError`, in the order of `check_strategy`."""
    errors: list[RuleError] = []
    resolved = _resolve(spec, errors)
    if errors:
        raise errors[0]
    return resolved


def check_strategy(spec: StrategySpec) -> list[RuleError]:
    """Return everything that is wrong with a strategy's logic and with what its rules depend on."""
    errors: list[RuleError] = []
    try:
        _resolve(spec, errors)
    except RuleError as error:
        errors.append(error)
    return errors


def _resolve(spec: StrategySpec, errors: list[RuleError]) -> ResolvedStrategy:
    """Resolve as far as it makes sense: what ends it is raised, what does not is appended."""
    logic, written = _rules_of(spec.logic)
    errors += _universe_errors(spec.universe)
    values, wrong = parameter_values(spec.parameters)
    errors += wrong + name_errors(spec.parameters, written.let)
    tolerance = float(parse_decimal(spec.warmup.tolerance))
    if not 0 < tolerance < 1:
        raise RuleError("warmup.tolerance", None, f"found {spec.warmup.tolerance}, expected more than 0 and under 1")
    rules = build_rules(written, Scope(values), errors)
    errors += _memory_errors(rules, len(spec.universe.symbols))
    warmups = _warmups(rules, tolerance)
    needed = max(warmups.values(), default=1)
    bars = spec.warmup.bars
    return ResolvedStrategy(
        logic=logic,
        rules=rules,
        expanded=written.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True),
        warmups=warmups,
        warmup_bars=needed,
        first_evaluated_bar=needed if bars == "Auto" else bars + 1,
        symbols=tuple(spec.universe.symbols),
        timeframe=spec.data.timeframe,
        tolerance=tolerance,
        min_strength=float(parse_decimal(spec.signals.min_strength)),
        cooldown_bars=spec.signals.cooldown_bars,
    )


def _rules_of(logic: Logic) -> ExpandedBuiltin:
    kinds = {name: getattr(logic, name) for name in type(logic).model_fields}
    chosen = [name for name, kind in kinds.items() if kind is not None]
    if len(chosen) != 1:
        found = " ".join(chosen) or "none"
        raise RuleError("logic", None, f"found {found}, expected exactly one of {', '.join(kinds)}")
    if logic.rules is not None:
        if logic.rules.enter_long is None and logic.rules.enter_short is None:
            raise RuleError("rules", None, "found no rule to enter, expected at least one of enterLong, enterShort")
        return ExpandedBuiltin("Rules", logic.rules)
    if logic.builtin is not None:
        return expand_builtin(logic.builtin)
    raise RuleError(chosen[0], None, "is not in this release; there are rules, builtin")


def _universe_errors(universe: Universe) -> Iterator[RuleError]:
    seen: set[str] = set()
    for place, symbol in enumerate(universe.symbols):
        if symbol in seen:
            yield RuleError(f"universe.symbols[{place}]", None, f'found "{symbol}" again, expected each symbol once')
        seen.add(symbol)


def _warmups(rules: ParsedRules, tolerance: float) -> dict[str, int]:
    counter = WarmupCounter(tolerance)
    for name, expression in rules.let.items():
        counter.define(name, expression)
    return {name: max(counter.bars(expression), 1) for name, expression in rules.given().items()}


def _memory_errors(rules: ParsedRules, symbols: int) -> Iterator[RuleError]:
    nodes = [node for expression in rules.expressions().values() for node in nodes_of(expression.root)]
    bars = sum(sum(node.constants) for node in nodes if isinstance(node, Call))
    if bars * symbols > MEMORY_LIMIT:
        expected = f"at most {MEMORY_LIMIT // symbols} bars for {symbols} symbols"
        yield RuleError("logic", None, f"the windows and lags of all rules add up to {bars} bars, expected {expected}")
