"""The number of the first valid bar, derived from the tree."""

import numpy as np
import pytest

from tests.oracle import ema_bars, wilder_bars
from tests.unit.workloads.factories import with_rules
from trading_workloads.indicators.registry import FACTORIES
from trading_workloads.indicators.series import Tick
from trading_workloads.rules.functions import bars_until

EMA_10, WILDER_14 = ema_bars(10, 1e-6), wilder_bars(14, 1e-6)

WARMUPS = {
    "close > 1": 1,
    "2 > 1": 1,
    "sma(close, 20) > 1": 20,
    "crosses_above(sma(close, 20), sma(close, 50))": 51,
    "sma(sma(close, 5), 7) > 1": 11,
    "highest(high, 5) > lowest(low, 9)": 9,
    "lag(close, 0) > lag(close, 3)": 4,
    "lag(sma(close, 5), 3) > 1": 8,
    "crosses_above(close, 3)": 2,
    "crosses_above(lag(close, 1), sma(close, 3))": 4,
    "highest(3, 5) > 1": 5,
    "abs(max(close, sma(open, 4), 1)) > 1": 4,
    "ema(close, 10) > 1": EMA_10,
    "ema(ema(close, 10), 10) > 1": 2 * EMA_10 - 1,
    "ema(close, 1) > 1": 1,
    "rsi(close, 14) < 30": WILDER_14,
    "atr(14) > 1": WILDER_14,
    "sma(rsi(close, 14), 5) > 1": WILDER_14 + 4,
    "atr(1) > 1": 2,
    "not (close > 1 and sma(close, 3) > 2 or sma(close, 8) > 1)": 8,
    "close % 2 - close ** 2 < -sma(close, 6) / 2": 6,
}


@pytest.mark.parametrize("text", WARMUPS)
def test_warmup_is_derived(text: str) -> None:
    assert with_rules(enterLong=text).warmup_bars == WARMUPS[text]


def test_warmup_is_the_longest_of_all_rules() -> None:
    resolved = with_rules(
        let={"unused": "sma(close, 99)", "f": "sma(close, 5)"},
        enterLong="f > 1",
        exitLong="lag(f, 2) > 1",
        strength="sma(close, 3)",
    )
    assert resolved.warmups == {"enterLong": 5, "exitLong": 7, "strength": 3}
    assert resolved.warmup_bars == 7


@pytest.mark.parametrize("remaining", [0.1, 0.5, 1 - 1 / 14, 1 - 2 / 5001])
@pytest.mark.parametrize("tolerance", [0.9, 1e-2, 1e-6, 1e-12])
def test_bars_until_is_the_smallest_number(remaining: float, tolerance: float) -> None:
    bars = bars_until(remaining, tolerance, 1)
    assert remaining**bars < tolerance
    assert bars == 1 or remaining ** (bars - 1) >= tolerance


@pytest.mark.parametrize("name", ["ema", "rsi", "atr"])
@pytest.mark.parametrize("window", [2, 5, 14])
@pytest.mark.parametrize("tolerance", ["1e-3", "1e-6"])
def test_recursive_indicator_hardly_depends_on_its_start_once_it_is_warm(
    name: str, window: int, tolerance: str
) -> None:
    call = f"{name}({window})" if name == "atr" else f"{name}(close, {window})"
    warm = with_rules(spec={"warmup": {"tolerance": tolerance}}, enterLong=f"{call} > 1").warmup_bars
    random = np.random.default_rng(3)
    close = 100 + random.normal(size=(60 + warm, 1)).cumsum(axis=0)
    begins = [FACTORIES[name](1, window), FACTORIES[name](1, window)]
    for bar, price in enumerate(close):
        tick = Tick(price, price + 1, price - 1, price, price, None)
        values = [step(tick, *([] if name == "atr" else [price])) for step in begins[: 1 + (bar >= 60)]]
    scale = 100 if name == "rsi" else np.ptp(close)
    assert abs(values[0] - values[1]) < float(tolerance) * scale
