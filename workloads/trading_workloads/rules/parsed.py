"""The rules of one strategy, parsed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from trading_workloads.rules.tree import Expression

RULE_NAMES: Final = {
    "enter_long": "enterLong",
    "exit_long": "exitLong",
    "enter_short": "enterShort",
    "exit_short": "exitShort",
    "strength": "strength",
}
"""The fields of the rules, as attributes and as documents write them."""


@dataclass(frozen=True, slots=True)
class ParsedRules:
    """Parsed texts; None for a rule that is not given. `let` is ordered so that each uses only those before it."""

    let: Mapping[str, Expression] = field(default_factory=dict)
    enter_long: Expression | None = None
    exit_long: Expression | None = None
    enter_short: Expression | None = None
    exit_short: Expression | None = None
    strength: Expression | None = None

    def given(self) -> dict[str, Expression]:
        """Return the rules that are given, by their names in the spec: `enterLong`."""
        found = {name: getattr(self, attribute) for attribute, name in RULE_NAMES.items()}
        return {name: expression for name, expression in found.items() if expression is not None}

    def expressions(self) -> dict[str, Expression]:
        """Return every expression by its path inside the rules, definitions first: `let.f`, `enterLong`."""
        return {f"let.{name}": expression for name, expression in self.let.items()} | self.given()
