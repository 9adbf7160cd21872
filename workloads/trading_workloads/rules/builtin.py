"""Builtins are rules that somebody else wrote down: each expands to the rules that it means."""

from collections.abc import Callable
from typing import Final, NamedTuple

from trading_operator.api.logic import Builtin, MovingAverageCross, Rules
from trading_workloads.rules.errors import RuleError


class ExpandedBuiltin(NamedTuple):
    """The name of a builtin as the printer column shows it, and what it means."""

    logic: str
    rules: Rules


def moving_average_cross(settings: MovingAverageCross) -> Rules:
    """Return the rules: long from the fast average's crossing above the slow one until it crosses below."""
    where = "builtin.movingAverageCross"
    if settings.fast >= settings.slow:
        raise RuleError(where, None, f"found fast {settings.fast} and slow {settings.slow}, expected fast < slow")
    return Rules(
        let={"f": f"sma(close, {settings.fast})", "s": f"sma(close, {settings.slow})"},
        enter_long="crosses_above(f, s)",
        exit_long="crosses_below(f, s)",
    )


_EXPANSIONS: Final[dict[str, Callable[[MovingAverageCross], Rules]]] = {"movingAverageCross": moving_average_cross}


def expand_builtin(builtin: Builtin) -> ExpandedBuiltin:
    """Return what a builtin means. Raises `RuleError` for none, several, or one that this release does not have."""
    fields = {field.alias or name: getattr(builtin, name) for name, field in type(builtin).model_fields.items()}
    chosen = [name for name, settings in fields.items() if settings is not None]
    if len(chosen) != 1:
        found = " ".join(chosen) or "none"
        raise RuleError("builtin", None, f"found {found}, expected exactly one of {', '.join(fields)}")
    (name,) = chosen
    if name not in _EXPANSIONS:
        problem = f"is not in this release; there is {', '.join(_EXPANSIONS)}"
        raise RuleError(f"builtin.{name}", None, problem)
    return ExpandedBuiltin(name[0].upper() + name[1:], _EXPANSIONS[name](fields[name]))
