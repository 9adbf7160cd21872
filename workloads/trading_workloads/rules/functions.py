"""The functions that rules may call: signature, warm-up, meaning. What they compute stands in `indicators`.

A new function is one row here and one file there; a test keeps the two tables equal.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from math import ceil, log
from typing import Final, TypeAlias

from trading_workloads.rules.tree import Kind

WINDOW_LIMIT: Final = 5000
"""Most bars of a window or lag."""

Warmup: TypeAlias = Callable[[int, tuple[int, ...], float], int]
"""(bars until the inputs are warm, windows and lags, tolerance) -> bars until the result is warm."""


class Role(Enum):
    """What an argument is for."""

    SERIES = "series"
    WINDOW = "window"
    LAG = "lag"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument; windows and lags are constants from `smallest` to the limit."""

    name: str
    role: Role = Role.SERIES
    smallest: int = 1


@dataclass(frozen=True, slots=True)
class Function:
    """A function as rules see it. With `repeats`, the last argument may come more often."""

    name: str
    arguments: tuple[Argument, ...]
    warmup: Warmup
    meaning: str
    result: Kind = Kind.NUMBER
    repeats: bool = False

    @property
    def signature(self) -> str:
        """The call as documentation writes it: `sma(x, n)`."""
        names = [argument.name for argument in self.arguments]
        return f"{self.name}({', '.join([*names, '…'] if self.repeats else names)})"

    def argument(self, index: int) -> Argument:
        """Return what the argument at a place is for."""
        return self.arguments[min(index, len(self.arguments) - 1)]


def bars_until(remaining_weight: float, tolerance: float, at_least: int) -> int:
    """Return the smallest number of bars t >= `at_least` with `remaining_weight ** t < tolerance`."""
    if remaining_weight <= 0:
        return at_least
    bars = max(at_least, ceil(log(tolerance) / log(remaining_weight)) - 2)
    while remaining_weight**bars >= tolerance:
        bars += 1
    return bars


def _elementwise(inputs: int, _constants: tuple[int, ...], _tolerance: float) -> int:
    return inputs


def _windowed(inputs: int, constants: tuple[int, ...], _tolerance: float) -> int:
    return max(inputs, 1) + constants[0] - 1


def _lagged(inputs: int, constants: tuple[int, ...], _tolerance: float) -> int:
    return inputs + constants[0]


def _crossing(inputs: int, _constants: tuple[int, ...], _tolerance: float) -> int:
    return max(inputs, 1) + 1


def _exponential(inputs: int, constants: tuple[int, ...], tolerance: float) -> int:
    (window,) = constants
    return max(inputs, 1) + bars_until(1 - 2 / (window + 1), tolerance, window) - 1


def _wilder(inputs: int, constants: tuple[int, ...], tolerance: float) -> int:
    (window,) = constants
    return max(inputs, 1) + bars_until(1 - 1 / window, tolerance, window)


_X: Final = Argument("x")
_Y: Final = Argument("y")
_N: Final = Argument("n", Role.WINDOW)
_K: Final = Argument("k", Role.LAG, smallest=0)


def _table(functions: Iterable[Function]) -> dict[str, Function]:
    return {function.name: function for function in functions}


FUNCTIONS: Final = _table(
    (
        Function("abs", (_X,), _elementwise, "x without its sign"),
        Function("atr", (_N,), _wilder, "average true range, by Wilder"),
        Function("clip", (_X, Argument("lo"), Argument("hi")), _elementwise, "x, no less than lo and no more than hi"),
        Function("crosses_above", (_X, _Y), _crossing, "x > y now and x <= y one bar before", Kind.CONDITION),
        Function("crosses_below", (_X, _Y), _crossing, "x < y now and x >= y one bar before", Kind.CONDITION),
        Function("ema", (_X, _N), _exponential, "exponential moving average"),
        Function("highest", (_X, _N), _windowed, "highest of n bars, the current one included"),
        Function("lag", (_X, _K), _lagged, "x, k bars before"),
        Function("lowest", (_X, _N), _windowed, "lowest of n bars, the current one included"),
        Function("max", (_X, _Y), _elementwise, "the largest", repeats=True),
        Function("min", (_X, _Y), _elementwise, "the smallest", repeats=True),
        Function("rsi", (_X, Argument("n", Role.WINDOW, smallest=2)), _wilder, "relative strength index, by Wilder"),
        Function("sma", (_X, _N), _windowed, "simple moving average"),
    )
)

PLANNED: Final = frozenset(
    (
        *("adx", "beta", "bollinger_lower", "bollinger_upper", "correlation", "donchian_lower", "donchian_upper"),
        *("log", "macd", "macd_histogram", "macd_signal", "momentum", "obv", "of", "on", "rank", "returns", "roc"),
        *("sqrt", "stddev", "stochastic_d", "stochastic_k", "volatility", "vwap", "where", "wma", "zscore"),
    )
)
"""Functions of the language that this release does not have: a similar name would be a wrong suggestion."""
