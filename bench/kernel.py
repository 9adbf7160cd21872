"""The kernel against TA-Lib's function API, on the indicators that this release has."""

import statistics
from functools import partial
from typing import Final

import numpy as np
import talib
from numpy.typing import NDArray

from bench.rounds import compare, cpu_seconds, verdict
from trading_operator.api.strategy import StrategySpec
from trading_workloads.bars.bar import Bar
from trading_workloads.rules import resolve_strategy
from trading_workloads.runner.kernel import Kernel

SYMBOLS: Final = 500
BARS: Final = 2520
MILLISECONDS: Final = 1000.0
RULES: Final = {
    "let": {"fast": "sma(close, 20)", "slow": "sma(close, 50)"},
    "enterLong": "crosses_above(fast, slow) and rsi(close, 14) < 70",
    "exitLong": "crosses_below(fast, slow)",
    "strength": "clip((fast - slow) / atr(14), -1, 1)",
}

Columns = dict[str, NDArray[np.float64]]


def main() -> None:
    """Print the ratios of whole histories and the time of one new bar."""
    columns = random_walks()
    bars = [bar_of(columns, row) for row in range(BARS)]
    history = compare(lambda: step_through(bars), lambda: talib_columns(columns), rounds=5)
    print(f"{SYMBOLS} symbols x {BARS} bars, SMA cross + RSI + ATR, whole history")
    print(f"  kernel {history.ours_seconds:.2f} s CPU, TA-Lib functions alone {history.theirs_seconds:.2f} s CPU")
    kernel = make_kernel()
    steps = [cpu_seconds(partial(kernel.step, bar)) for bar in bars]
    one_bar = statistics.median(steps[BARS // 2 :]) * MILLISECONDS
    print(verdict("P11 (plain numpy, indicators of this release)", history.ratio, 4, "x"))
    print(verdict("P12 (indicators of this release)", one_bar, 1, " ms"))


def random_walks() -> Columns:
    """Return prices of (bars, symbols) float64, the same at every run."""
    random = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, (BARS, SYMBOLS)), axis=0))
    spread = np.abs(random.normal(0, 0.005, (BARS, SYMBOLS))) * close
    return {
        "open": close - spread / 2,
        "high": close + spread,
        "low": close - spread,
        "close": close,
        "volume": np.full_like(close, 1e6),
    }


def bar_of(columns: Columns, row: int) -> Bar:
    """Return one row of the columns as a bar."""
    return Bar(close_ms=row * 86_400_000, **{name: values[row] for name, values in columns.items()})


def make_kernel() -> Kernel:
    """Return a kernel of the benchmark's rules with empty history."""
    symbols = [f"S{number}" for number in range(SYMBOLS)]
    spec = StrategySpec.model_validate(
        {
            "systemRef": {"name": "bench"},
            "universe": {"symbols": symbols},
            "data": {"source": "bench"},
            "logic": {"rules": RULES},
        }
    )
    return Kernel(resolve_strategy(spec), symbols)


def step_through(bars: list[Bar]) -> None:
    """Compute every decision over the whole history."""
    kernel = make_kernel()
    for bar in bars:
        kernel.step(bar)


def talib_columns(columns: Columns) -> None:
    """Compute the same indicators by TA-Lib's functions, symbol by symbol, without any decision."""
    high, low, close = (np.ascontiguousarray(columns[name].T) for name in ("high", "low", "close"))
    for symbol in range(SYMBOLS):
        talib.SMA(close[symbol], 20)
        talib.SMA(close[symbol], 50)
        talib.RSI(close[symbol], 14)
        talib.ATR(high[symbol], low[symbol], close[symbol], 14)
