"""Arithmetic, comparisons and three-valued logic over (symbols,) arrays.

What has no finite value is undefined, which is NaN, and stays so.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Final

import numpy as np

from trading_workloads.indicators.series import Mask, Series, Truth
from trading_workloads.rules.tree import ArithmeticOperator, ComparisonOperator, JunctionOperator


def _finite(x: Series) -> Series:
    """Turn infinities into NaN: infinity times zero is NaN, and anything else times zero adds nothing."""
    return x + x * 0.0


ARITHMETIC: Final[dict[ArithmeticOperator, Callable[[Series, Series], Series]]] = {
    "+": lambda left, right: _finite(left + right),
    "-": lambda left, right: _finite(left - right),
    "*": lambda left, right: _finite(left * right),
    "/": lambda left, right: _finite(left / right),
    "%": lambda left, right: _finite(np.mod(left, right)),
    "**": lambda left, right: _finite(np.power(left, right)),
}


def _differs(left: Series, right: Series) -> Mask:
    return (left < right) | (left > right)


COMPARISONS: Final[dict[ComparisonOperator, Callable[[Series, Series], Truth]]] = {
    "<": lambda left, right: Truth(left < right, left >= right),
    "<=": lambda left, right: Truth(left <= right, left > right),
    ">": lambda left, right: Truth(left > right, left <= right),
    ">=": lambda left, right: Truth(left >= right, left < right),
    "==": lambda left, right: Truth(left == right, _differs(left, right)),
    "!=": lambda left, right: Truth(_differs(left, right), left == right),
}


def _both(left: Truth, right: Truth) -> Truth:
    return Truth(left.true & right.true, left.false | right.false)


def _either(left: Truth, right: Truth) -> Truth:
    return Truth(left.true | right.true, left.false & right.false)


def join(operator: JunctionOperator, operands: Sequence[Truth]) -> Truth:
    """Return Kleene's conjunction or disjunction (Kleene 1938)."""
    return reduce(_both if operator == "and" else _either, operands)


def opposite(x: Truth) -> Truth:
    """Return `not x`; undefined stays undefined."""
    return Truth(x.false, x.true)
