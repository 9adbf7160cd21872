"""A product and a sum with one rounding instead of two, which TA-Lib's averages use and numpy does not have."""

from dataclasses import dataclass
from typing import Final

from trading_workloads.indicators.series import Series

_SPLITTER: Final = 2.0**27 + 1.0


@dataclass(frozen=True, slots=True)
class Factor:
    """A constant factor and its two halves of 26 bits, whose products are exact."""

    value: float
    high: float
    low: float


def factor_of(value: float) -> Factor:
    """Return a factor ready for `multiply_add`. Source: Veltkamp's splitting, in Dekker 1971."""
    spread = value * _SPLITTER
    high = spread - (spread - value)
    return Factor(value, high, value - high)


def multiply_add(x: Series, factor: Factor, addend: Series) -> Series:
    """Return `x * factor + addend`, rounded once, each (symbols,) float64.

    Source: Dekker 1971 for the exact product, Knuth's two-sum for the exact sum, the errors of both added last. Equal
    to the processor's fused operation except where those errors themselves meet a tie, about once in 10^13.
    """
    spread = x * _SPLITTER
    high = spread - (spread - x)
    low = x - high
    product = x * factor.value
    product_error = ((high * factor.high - product) + high * factor.low + low * factor.high) + low * factor.low
    total = product + addend
    virtual = total - product
    total_error = (product - (total - virtual)) + (addend - virtual)
    fused: Series = total + (total_error + product_error)
    return fused
