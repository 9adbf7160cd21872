"""Strategies and bars that are valid by default: a test names only what matters to it."""

from typing import Any

import numpy as np
import pandas as pd

from trading_operator.api.strategy import Strategy, StrategySpec
from trading_workloads.bars.bar import Bar
from trading_workloads.rules import ResolvedStrategy, resolve_strategy


def make_document(name: str = "alpha", *, symbols: tuple[str, ...] = ("AAPL",), **spec: Any) -> dict[str, Any]:
    """Return a Strategy document; keywords are fields of its spec, as documents write them."""
    return {
        "apiVersion": "signaltrading.io/v1alpha1",
        "kind": "Strategy",
        "metadata": {"name": name},
        "spec": {
            "systemRef": {"name": "signal-trading"},
            "universe": {"symbols": list(symbols)},
            "data": {"source": "sample"},
            "logic": {"rules": {"enterLong": "close > open", "exitLong": "close < open"}},
        }
        | spec,
    }


def make_spec(*, symbols: tuple[str, ...] = ("AAPL",), **spec: Any) -> StrategySpec:
    return Strategy.model_validate(make_document(symbols=symbols, **spec)).spec


def make_resolved(*, symbols: tuple[str, ...] = ("AAPL",), **spec: Any) -> ResolvedStrategy:
    return resolve_strategy(make_spec(symbols=symbols, **spec))


def with_rules(
    *, symbols: tuple[str, ...] = ("AAPL",), spec: dict[str, Any] | None = None, **rules: Any
) -> ResolvedStrategy:
    """Return a strategy of these rules."""
    return make_resolved(symbols=symbols, logic={"rules": rules}, **(spec or {}))


def make_bar(close_ms: int, *closes: float, opens: tuple[float, ...] | None = None) -> Bar:
    """Return a bar with a close for each symbol, NaN for none; the range is one on both sides."""
    close = np.array(closes, dtype=float)
    opened = close - 0.5 if opens is None else np.array(opens, dtype=float)
    return Bar(close_ms, opened, close + 1, close - 1, close, np.full(len(close), 100.0))


def random_bars(seed: int, symbols: tuple[str, ...], days: int, style: str = "walk", gaps: float = 0.1) -> pd.DataFrame:
    """Return long daily bars with gaps of each symbol's own; some symbols come late.

    style: `walk` (random steps), `ties` (a handful of whole numbers), `flat` (runs without movement).
    """
    random = np.random.default_rng(seed)
    frames = []
    for symbol in symbols:
        close = _closes(random, days, style)
        opened = np.where(random.random(days) < 0.2, close, np.roll(close, 1))
        reach = random.integers(0, 3, days) / 2 if style != "walk" else np.round(random.random(days), 2)
        frame = pd.DataFrame(
            {
                "time": pd.date_range("2020-01-01", periods=days, freq="D"),
                "symbol": symbol,
                "open": opened,
                "high": np.maximum(opened, close) + reach,
                "low": np.maximum(np.minimum(opened, close) - reach, 0.0),
                "close": close,
                "volume": random.integers(0, 50, days).astype(float),
            }
        )
        late = int(random.integers(0, days)) if random.random() < 0.2 else 0
        kept = (random.random(days) >= gaps) & (np.arange(days) >= late)
        kept[-1] = True
        frames.append(frame[kept])
    return pd.concat(frames, ignore_index=True)


def _closes(random: np.random.Generator, days: int, style: str) -> np.ndarray:
    if style == "ties":
        return random.integers(10, 14, days).astype(float)
    walk = 50 + np.cumsum(np.round(random.normal(size=days), 2))
    if style == "flat":
        walk = np.repeat(walk[:: max(days // 8, 1)], max(days // 8, 1))[:days]
    return np.round(np.maximum(walk, 1.0), 2)
