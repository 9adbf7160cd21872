"""Three-valued logic, one row of the table each."""

from typing import Any

import numpy as np
import pytest

from tests.unit.workloads.factories import with_rules
from trading_workloads.bars.bar import Bar
from trading_workloads.runner.program import compile_rules
from trading_workloads.runner.tick import tick_of

TRUE, FALSE, UNDEFINED = "close > 1", "close < 1", "close / (close - close) > 1"
VALUES = {"true": TRUE, "false": FALSE, "undefined": UNDEFINED}

AND = """
true  true      true
true  false     false
true  undefined undefined
false true      false
false false     false
false undefined false
undefined true      undefined
undefined false     false
undefined undefined undefined
"""
OR = """
true  true      true
true  false     true
true  undefined true
false true      true
false false     false
false undefined undefined
undefined true      true
undefined false     undefined
undefined undefined undefined
"""


def value_of(text: str, bar: Bar | None = None) -> str:
    """Return what a condition says at one bar: true, false or undefined."""
    program = compile_rules(with_rules(enterLong=text).rules, 1)
    price = np.array([5.0])
    tick, _ = tick_of(bar or Bar(0, price, price, price, price, price))
    with np.errstate(all="ignore"):
        truth: Any = program.run(tick)[program.rules["enterLong"]]
    assert not (truth.true & truth.false).any()
    return "true" if truth.true[0] else "false" if truth.false[0] else "undefined"


@pytest.mark.parametrize("operator", ["and", "or"])
@pytest.mark.parametrize("row", range(9))
def test_junction_follows_kleene(operator: str, row: int) -> None:
    left, right, expected = {"and": AND, "or": OR}[operator].strip().splitlines()[row].split()
    assert value_of(f"{VALUES[left]} {operator} {VALUES[right]}") == expected


@pytest.mark.parametrize(("operand", "expected"), [("true", "false"), ("false", "true"), ("undefined", "undefined")])
def test_not_follows_kleene(operand: str, expected: str) -> None:
    assert value_of(f"not ({VALUES[operand]})") == expected


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "==", "!="])
@pytest.mark.parametrize(
    "sides", ["0 / 0 {} close", "close {} 0 / 0", "lag(close, 1) {} close", "lag(close, 1) {} lag(close, 1)"]
)
def test_comparison_with_undefined_is_undefined(operator: str, sides: str) -> None:
    text = sides.format(operator)
    assert value_of(text) == "undefined"
    assert value_of(f"not {text}") == "undefined"


@pytest.mark.parametrize("text", ["crosses_above(close, 3)", "crosses_below(close, 3)", "crosses_above(3, close)"])
def test_crossing_at_the_first_bar_is_undefined(text: str) -> None:
    assert value_of(text) == "undefined"
    assert value_of(f"not {text}") == "undefined"


@pytest.mark.parametrize(
    "number",
    ["1 / (close - close)", "-1 / (close - close)", "close % 0", "(0 - close) ** 0.5", "(close - close) ** -1", "0 / 0",
     "(close * 1e200) ** 3", "close * 1e300 * 1e300", "close * 1e308 + close * 1e308", "1e308 * 10", "abs(0 / 0)",
     "max(close, 0 / 0)", "min(0 / 0, close)", "clip(close, 0 / 0, 9)", "clip(close, 0, 0 / 0)"],
)  # fmt: skip
def test_number_without_a_finite_value_is_undefined(number: str) -> None:
    assert value_of(f"{number} == {number}") == "undefined"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 < close <= 5", "true"),
        ("1 < close < 5", "false"),
        ("close % 3 == 2", "true"),
        ("(0 - close) % 3 == 1", "true"),
        ("-close ** 2 == -25", "true"),
        ("clip(close, 1, 3) == 3", "true"),
        ("clip(close, 9, 3) == 3", "true"),
        ("min(close, 7, 3) == 3 and max(close, 7, 3) == 7 and abs(-close) == 5", "true"),
        ("lag(close, 0) == close", "true"),
    ],
)
def test_condition_has_the_value_that_python_would_give(text: str, expected: str) -> None:
    assert value_of(text) == expected
