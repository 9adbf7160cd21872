"""Names that a strategy defines: parameters and `let` may not hide each other or the language's own."""

import keyword
from collections.abc import Iterable

from trading_workloads.rules.errors import RuleError
from trading_workloads.rules.functions import FUNCTIONS
from trading_workloads.rules.tree import PRICES


def name_errors(parameters: Iterable[str], lets: Iterable[str]) -> list[RuleError]:
    """Return what is wrong with the names that a strategy defines."""
    parameters = set(parameters)
    errors = [_name_error(f"parameters.{name}", name) for name in sorted(parameters)]
    for name in lets:
        error = _name_error(f"let.{name}", name)
        if error is None and name in parameters:
            error = RuleError(f"let.{name}", None, f'the name "{name}" is a parameter already')
        errors.append(error)
    return [error for error in errors if error is not None]


def _name_error(where: str, name: str) -> RuleError | None:
    if name in PRICES:
        return RuleError(where, None, f'the name "{name}" is a price')
    if name in FUNCTIONS:
        return RuleError(where, None, f'the name "{name}" is a function')
    if keyword.iskeyword(name):
        return RuleError(where, None, f'the name "{name}" is a word of the language')
    if not (name.isascii() and name.isidentifier()) or name.startswith("__"):
        return RuleError(
            where, None, f'found the name "{name}", expected letters, digits and single underscores in front'
        )
    return None
