"""Values of `spec.parameters` as numbers, within their bounds."""

from collections.abc import Mapping
from math import inf

from trading_operator.api.base import parse_decimal
from trading_operator.api.strategy import Parameter
from trading_workloads.rules.errors import RuleError


def parameter_values(parameters: Mapping[str, Parameter]) -> tuple[dict[str, float], list[RuleError]]:
    """Return the value of each parameter, and what is wrong with them. A wrong one keeps its value."""
    values: dict[str, float] = {}
    errors: list[RuleError] = []
    for name, parameter in parameters.items():
        where = f"parameters.{name}"
        value = values[name] = float(parse_decimal(parameter.value))
        smallest = -inf if parameter.min is None else float(parse_decimal(parameter.min))
        largest = inf if parameter.max is None else float(parse_decimal(parameter.max))
        if smallest > largest:
            errors.append(RuleError(where, None, f"found min {parameter.min} above max {parameter.max}"))
        elif not smallest <= value <= largest:
            errors.append(RuleError(where, None, f"found value {parameter.value}, expected {_bounds(parameter)}"))
    return values, errors


def _bounds(parameter: Parameter) -> str:
    parts = []
    if parameter.min is not None:
        parts.append(f"at least {parameter.min}")
    if parameter.max is not None:
        parts.append(f"at most {parameter.max}")
    return " and ".join(parts)
