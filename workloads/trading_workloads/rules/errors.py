"""What is wrong with a rule: where in the object, at which column, what was found and what was expected."""

from typing import Final

RULE_FIELDS: Final = ("let", "enterLong", "exitLong", "enterShort", "exitShort", "strength")
_LOGIC_FIELDS: Final = ("builtin", "model", "code", "rules")


class RuleError(ValueError):
    """A strategy's logic cannot be used as it is written.

    `where` is the field inside `spec.logic.rules` (`enterLong`, `let.f`); for the other parts of the spec that rules
    depend on it is their own path without `spec` (`parameters.fast`, `warmup.tolerance`). `column` counts from 1.
    """

    def __init__(self, where: str, column: int | None, problem: str) -> None:
        super().__init__(where, column, problem)
        self.where = where
        self.column = column
        self.problem = problem

    @property
    def path(self) -> str:
        """The field's path in the document, such as `spec.logic.rules.enterLong`."""
        first = self.where.partition(".")[0]
        if first in RULE_FIELDS:
            return f"spec.logic.rules.{self.where}"
        return f"spec.logic.{self.where}" if first in _LOGIC_FIELDS else f"spec.{self.where}"

    @property
    def message(self) -> str:
        """The error with the whole path: `spec.logic.rules.enterLong, column 14: unknown function "smaa"`."""
        return _sentence(self.path, self.column, self.problem)

    def __str__(self) -> str:
        return _sentence(self.where, self.column, self.problem)


def _sentence(where: str, column: int | None, problem: str) -> str:
    at = f", column {column}" if column is not None else ""
    return f"{where}{at}: {problem}"
