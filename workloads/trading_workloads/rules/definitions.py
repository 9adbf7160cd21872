"""From the texts of one strategy to its parsed rules: definitions in the order in which they need each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from trading_operator.api.logic import Rules
from trading_workloads.rules.errors import RuleError
from trading_workloads.rules.parsed import RULE_NAMES, ParsedRules
from trading_workloads.rules.parser import Scope, build_expression
from trading_workloads.rules.syntax import Syntax, read_syntax
from trading_workloads.rules.tree import Expression, Kind, nodes_of

NODE_LIMIT: Final = 500
"""Most nodes of all expressions of one strategy together."""
LET_LIMIT: Final = 64
"""Most names of `let`."""


def build_rules(written: Rules, scope: Scope, errors: list[RuleError]) -> ParsedRules:
    """Return the parsed rules, without those that are wrong; what is wrong is appended to `errors`.

    An expression that uses a wrong definition is left out without an error of its own.
    """
    if len(written.let) > LET_LIMIT:
        raise RuleError("let", None, f"found {len(written.let)} names, expected at most {LET_LIMIT}")
    builder = _Builder(scope.parameters, errors)
    builder.build_lets(written.let)
    rules: dict[str, Expression] = {}
    for attribute, name in RULE_NAMES.items():
        text: str | None = getattr(written, attribute)
        syntax = builder.read(text, name) if text is not None else None
        if syntax and (rule := builder.build(syntax, Kind.NUMBER if name == "strength" else Kind.CONDITION)):
            rules[attribute] = rule
    parsed = ParsedRules(builder.lets, **rules)
    _check_size(parsed)
    return parsed


@dataclass(frozen=True, slots=True)
class _Builder:
    """Builds what can be built; keeps the definitions that worked and the names of those that did not."""

    parameters: Mapping[str, float]
    errors: list[RuleError]
    lets: dict[str, Expression] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)

    def read(self, text: str, where: str) -> Syntax | None:
        try:
            return read_syntax(text, where)
        except RuleError as error:
            self.errors.append(error)
            return None

    def build(self, syntax: Syntax, expected: Kind | None = None) -> Expression | None:
        if syntax.names & self.wrong:
            return None
        try:
            built = build_expression(syntax, Scope(self.parameters, self.lets))
        except RuleError as error:
            self.errors.append(error)
            return None
        if expected and built.kind is not expected:
            problem = f'expected a {expected.value}, found the {built.kind.value} "{syntax.text.strip()}"'
            self.errors.append(RuleError(syntax.where, syntax.column_of(syntax.root), problem))
            return None
        return built

    def build_lets(self, texts: Mapping[str, str]) -> None:
        syntaxes = {name: syntax for name, text in texts.items() if (syntax := self.read(text, f"let.{name}"))}
        self.wrong.update(texts.keys() - syntaxes.keys())
        uses = {name: syntax.names & syntaxes.keys() for name, syntax in syntaxes.items()}
        for name in _in_order(uses, self.errors):
            if built := self.build(syntaxes[name]):
                self.lets[name] = built
            else:
                self.wrong.add(name)
        self.wrong.update(texts.keys() - self.lets.keys())


def _in_order(uses: Mapping[str, frozenset[str]], errors: list[RuleError]) -> list[str]:
    """Return the names so that each comes after those that it uses; names in or behind a circle are left out."""
    ordered: list[str] = []
    waiting = dict(uses)
    while ready := [name for name, used in waiting.items() if not used & waiting.keys()]:
        ordered += ready
        for name in ready:
            del waiting[name]
    if waiting:
        circle = _circle(waiting)
        errors.append(RuleError(f"let.{circle[0]}", None, f"refers to itself: {' -> '.join(circle)}"))
    return ordered


def _circle(waiting: Mapping[str, frozenset[str]]) -> list[str]:
    """Return one circle among names that all wait for others, its first name again at its end."""
    path = [next(iter(waiting))]
    while path.count(path[-1]) == 1:
        path.append(min(waiting[path[-1]] & waiting.keys()))
    return path[path.index(path[-1]) :]


def _check_size(parsed: ParsedRules) -> None:
    total = 0
    for where, expression in parsed.expressions().items():
        total += sum(1 for _ in nodes_of(expression.root))
        if total > NODE_LIMIT:
            raise RuleError(where, None, f"the rules together have more than {NODE_LIMIT} parts; write them shorter")
