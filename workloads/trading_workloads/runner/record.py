"""The record of one signal: everything that explains a decision.

The same bars and revision always give the same `id`, `strategy`, `revision`, `symbol`, `barOpen`, `barClose`, `side`,
`action`, `strength`, `confidence`, `referencePrice`, `reason` and `dataHash`: these identify a signal. `emittedAt` is
the clock, and `mode`, `targetWeight` and `expiresAt` follow the spec as it was at that moment: a signal that is
computed again may differ in them, and the stream keeps the one that was written first.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson

from trading_operator.api.base import parse_decimal, parse_duration
from trading_operator.api.strategy import Sizing, StrategySpec
from trading_workloads.bars.entry import BarColumns
from trading_workloads.contract import SIGNAL_SCHEMA
from trading_workloads.runner.commit import Signal
from trading_workloads.runner.decision import Action, Decision
from trading_workloads.times import iso

HASH_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class RecordWriter:
    """Writes the records of one strategy as it is now."""

    system: str
    strategy: str
    revision: str
    spec: StrategySpec

    def write(self, decision: Decision, bars: BarColumns, emitted_ms: int) -> Signal:
        """Return the stream id and the record of a decision; `emitted_ms` is the wall clock."""
        entry = f"{bars.close_ms}-{decision.number}"
        symbols = self.spec.universe.symbols
        symbol = symbols[decision.symbol]
        ttl = parse_duration(self.spec.signals.ttl) // timedelta(milliseconds=1)
        record = {
            "id": entry,
            "schema": SIGNAL_SCHEMA,
            "system": self.system,
            "strategy": self.strategy,
            "revision": self.revision,
            "symbol": symbol,
            "timeframe": self.spec.data.timeframe,
            "barOpen": iso(bars.open_ms),
            "barClose": iso(bars.close_ms),
            "emittedAt": iso(emitted_ms),
            "side": decision.side,
            "action": decision.action,
            "strength": decision.strength,
            "confidence": None if decision.strength is None else abs(decision.strength),
            "referencePrice": decision.price,
            "targetWeight": target_weight(decision.action, self.spec.sizing, len(symbols)),
            "expiresAt": iso(bars.close_ms + ttl),
            "mode": self.spec.mode,
            "reason": {"rule": decision.rule, "values": dict(decision.values)},
            "dataHash": data_hash(bars, bars.symbols.index(symbol)),
        }
        return Signal(entry, orjson.dumps(record))


def target_weight(action: Action, sizing: Sizing, symbols: int) -> float:
    """Return the weight that a signal asks for, from -1 to 1: 0 for an exit, negative for a short entry.

    Every method is EqualWeight for now: one over the number of symbols, at most `maxWeight`.
    """
    if action.startswith("Exit"):
        return 0.0
    highest = float(parse_decimal(sizing.max_weight))
    weight = min(1 / symbols, highest)
    return weight if action == "EnterLong" else -weight


def data_hash(bars: BarColumns, at: int) -> str:
    """Return 16 hex digits over the bar that a signal was computed on: symbol, close and its five values."""
    bar = (bars.symbols[at], bars.close_ms, bars.open[at], bars.high[at], bars.low[at], bars.close[at], bars.volume[at])
    return hashlib.sha256(orjson.dumps(bar)).hexdigest()[:HASH_LENGTH]
