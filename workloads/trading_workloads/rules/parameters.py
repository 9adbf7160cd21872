"""Values of `spec.parameters` as numbers, within their bounds."""

from collections.abc import Mapping
from math import inf, isfinite

from trading_operator.api.base import parse_decimal
from trading_operator.api.strategy import Parameter
from trading_workloads.rules.errors import RuleError


def parameter_values(parameters: Mapping[str, Parameter]) -> tuple[dict[str, float], list[RuleError]]:
    """Return the value of each parameter, and what is wrong with them. A wrong one keeps its value, if it has one."""
    values: dict[str, float] = {}
    errors: list[RuleError] = []
    for name, parameter in parameters.items():
        where = f"parameters.{name}"
        values[name] = 0.0
        try:
            value = values[name] = number_of(parameter.value)
            smallest = -inf if parameter.min is None else number_of(parameter.min)
            largest = inf if parameter.max is None else number_of(parameter.max)
        except ValueError as error:
            errors.append(RuleError(where, None, str(error)))
            continue
        if smallest > largest:
            errors.append(RuleError(where, None, f"found min {parameter.min} above max {parameter.max}"))
        elif not smallest <= value <= largest:
            errors.append(RuleError(where, None, f"found value {parameter.value}, expected {_bounds(parameter)}"))
    return values, errors


def number_of(written: str | int) -> float:
    """Return a number of the spec as a float. Raises `ValueError` for one that no float can hold."""
    try:
        value = float(parse_decimal(written))
    except OverflowError:
        value = inf
    if not isfinite(value):
        raise ValueError("the number is too large")
    return value


def _bounds(parameter: Parameter) -> str:
    parts = []
    if parameter.min is not None:
        parts.append(f"at least {parameter.min}")
    if parameter.max is not None:
        parts.append(f"at most {parameter.max}")
    return " and ".join(parts)
