"""One rounding instead of two, against exact fractions."""

from fractions import Fraction

import numpy as np
import pytest

from trading_workloads.indicators.fused import factor_of, multiply_add


@pytest.mark.parametrize("factor", [2 / 3, 1 / 11, 13 / 14, 2 / 5001, 0.0, 1.0])
def test_product_and_sum_are_rounded_once(factor: float) -> None:
    random = np.random.default_rng(11)
    x = random.normal(size=3000) * 10.0 ** random.integers(-3, 4, 3000)
    addend = random.normal(size=3000) * 10.0 ** random.integers(-3, 4, 3000)
    addend[:500] = -x[:500] * factor
    expected = [float(Fraction(a) * Fraction(factor) + Fraction(b)) for a, b in zip(x, addend, strict=True)]
    np.testing.assert_array_equal(multiply_add(x, factor_of(factor), addend), expected)


def test_two_roundings_would_differ() -> None:
    x, factor, addend = np.array([1 + 2**-30]), 1 + 2**-30, np.array([-1.0])
    assert multiply_add(x, factor_of(factor), addend)[0] != x[0] * factor + addend[0]
