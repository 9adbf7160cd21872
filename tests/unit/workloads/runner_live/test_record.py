import hashlib
import json
from typing import Any

import pytest

from trading_operator.api.strategy import Sizing, StrategySpec
from trading_workloads.bars.entry import BarColumns
from trading_workloads.runner.decision import Action, Decision
from trading_workloads.runner.record import RecordWriter, data_hash, target_weight

BARS = BarColumns(951921000000, 951944400000, ("IBM", "AAPL"), (1.0, 2.0), (4.0, 5.0), (0.5, 1.5), (3.0, 4.5), (10, 20))
SPEC = StrategySpec.model_validate(
    {
        "systemRef": {"name": "system"},
        "universe": {"symbols": ["AAPL", "IBM", "MSFT"]},
        "data": {"source": "sample"},
        "logic": {"rules": {"enterLong": "close > 1"}},
        "signals": {"ttl": "2d"},
        "mode": "Live",
    }
)


def make_decision(**fields: Any) -> Decision:
    values: dict[str, Any] = {
        "symbol": 0, "action": "EnterShort", "side": "Short", "strength": -0.4, "price": 4.5,
        "rule": "enterShort", "values": {"close": 4.5, "rsi(close, 14)": None}, "number": 1,
    }  # fmt: skip
    return Decision(**(values | fields))


def test_record_has_every_field() -> None:
    signal = RecordWriter("system", "dips", "r7", SPEC).write(make_decision(), BARS, 1_000_000_000_123)
    assert signal.entry == "951944400000-1"
    assert json.loads(signal.record) == {
        "id": "951944400000-1",
        "schema": "signaltrading.io/signal/v1",
        "system": "system",
        "strategy": "dips",
        "revision": "r7",
        "symbol": "AAPL",
        "timeframe": "1d",
        "barOpen": "2000-03-01T14:30:00Z",
        "barClose": "2000-03-01T21:00:00Z",
        "emittedAt": "2001-09-09T01:46:40.123Z",
        "side": "Short",
        "action": "EnterShort",
        "strength": -0.4,
        "confidence": 0.4,
        "referencePrice": 4.5,
        "targetWeight": -0.2,
        "expiresAt": "2000-03-03T21:00:00Z",
        "mode": "Live",
        "reason": {"rule": "enterShort", "values": {"close": 4.5, "rsi(close, 14)": None}},
        "dataHash": data_hash(BARS, 1),
    }


def test_confidence_is_null_where_strength_is() -> None:
    signal = RecordWriter("system", "dips", "r7", SPEC).write(make_decision(strength=None), BARS, 0)
    assert json.loads(signal.record)["confidence"] is None


def test_hash_is_over_the_bar_of_one_symbol() -> None:
    expected = hashlib.sha256(b'["AAPL",951944400000,2.0,5.0,1.5,4.5,20]').hexdigest()[:16]
    assert data_hash(BARS, 1) == expected
    assert data_hash(BARS, 0) != expected


@pytest.mark.parametrize(
    ("action", "sizing", "symbols", "weight"),
    [
        ("EnterLong", {}, 10, 0.1),
        ("EnterLong", {}, 2, 0.2),
        ("EnterShort", {"maxWeight": "0.3"}, 2, -0.3),
        ("EnterLong", {"method": "FixedWeight", "maxWeight": "7%"}, 100, 0.01),
        ("ExitLong", {}, 10, 0.0),
        ("ExitShort", {"method": "FixedWeight"}, 10, 0.0),
    ],
)
def test_weight_follows_the_sizing(action: Action, sizing: dict[str, str], symbols: int, weight: float) -> None:
    assert target_weight(action, Sizing.model_validate(sizing), symbols) == weight
