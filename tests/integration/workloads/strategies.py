"""Documents of strategies, valid by default: a test names only what matters."""

import copy
from typing import Any

CROSS: dict[str, Any] = {"builtin": {"movingAverageCross": {"fast": 5, "slow": 12}}}
DIPS: dict[str, Any] = {
    "rules": {
        "let": {"momentum": "rsi(close, 7)", "mean": "sma(close, 15)"},
        "enterLong": "crosses_above(momentum, 35)",
        "exitLong": "momentum > 60 or close < mean - 2 * atr(14)",
        "enterShort": "crosses_below(momentum, 65)",
        "exitShort": "momentum < 45",
        "strength": "clip((close - mean) / (3 * atr(14)), -1, 1)",
    }
}
ALL_SYMBOLS = ["AAPL", "MSFT", "IBM", "GOOG", "FB"]


def make_spec(logic: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Return a spec over every symbol of the recording, from source `sample`."""
    spec: dict[str, Any] = {
        "systemRef": {"name": "system"},
        "universe": {"symbols": ALL_SYMBOLS},
        "data": {"source": "sample", "timeframe": "1d"},
        "logic": logic or CROSS,
        "signals": {"cooldownBars": 3},
    }
    return copy.deepcopy(spec | fields)


def make_document(
    name: str = "cross", *, spec: dict[str, Any] | None = None, generation: int = 1, revision: str = "r1", uid: str = ""
) -> dict[str, Any]:
    """Return a strategy as the operator hands it to runners."""
    return {
        "name": name,
        "uid": uid or f"uid-{name}",
        "generation": generation,
        "revision": revision,
        "spec": spec or make_spec(),
    }


def make_control(*documents: dict[str, Any], trading: str = "Active") -> dict[str, Any]:
    """Return what the operator pushes."""
    return {"trading": trading, "strategies": {document["name"]: document for document in documents}}
