"""What must stand in a signal stream, by the batch driver over the recording."""

from functools import cache
from typing import Any

import orjson

from trading_operator.api.strategy import StrategySpec
from trading_workloads.bars.recording import Recording
from trading_workloads.bars.replay import load_bokeh_stocks
from trading_workloads.rules.strategy import resolve_strategy
from trading_workloads.runner.batch import run_batch
from trading_workloads.runner.kernel import Kernel
from trading_workloads.runner.record import RecordWriter
from trading_workloads.runner.universe import UniverseView


@cache
def recording() -> Recording:
    return load_bokeh_stocks("XNYS")


def without_emission(record: dict[str, Any]) -> dict[str, Any]:
    """Return a signal without the one field that depends on when it was computed."""
    return {name: value for name, value in record.items() if name != "emittedAt"}


def expected_signals(document: dict[str, Any], bars: int | None = None) -> list[dict[str, Any]]:
    """Return the signals of the first bars of the recording, all by default, without their times of emission."""
    return _expected(orjson.dumps(document), bars)


@cache
def _expected(text: bytes, bars: int | None) -> list[dict[str, Any]]:
    document = orjson.loads(text)
    spec = StrategySpec.model_validate(document["spec"])
    resolved = resolve_strategy(spec)
    writer = RecordWriter("system", document["name"], document["revision"], spec)
    view = UniverseView(resolved.symbols)
    closes = [close.columns for close in recording().closes[:bars]]
    decided = run_batch(Kernel(resolved, resolved.symbols), map(view.bar, closes))
    signals = [
        writer.write(decision, columns, 0)
        for columns, (_, decisions) in zip(closes, decided, strict=True)
        for decision in decisions
    ]
    return [without_emission(orjson.loads(signal.record)) for signal in signals]
