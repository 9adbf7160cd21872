"""A strategy that is stopped anywhere and built again from its bars and its checkpoint decides the same."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_workloads.bars.entry import BarColumns
from trading_workloads.contract import SourceDocument
from trading_workloads.rules.strategy import resolve_strategy
from trading_workloads.runner.batch import run_batch
from trading_workloads.runner.checkpoint import NO_POSITIONS, Checkpoint
from trading_workloads.runner.commit import Commit, Signal
from trading_workloads.runner.control import Document
from trading_workloads.runner.kernel import Kernel
from trading_workloads.runner.progress import Permission, Progress, permission_of
from trading_workloads.runner.record import RecordWriter
from trading_workloads.runner.specification import Specification, specify
from trading_workloads.runner.universe import UniverseView

SYMBOLS = ["AAA", "BBB", "CCC"]
SOURCES: dict[str, SourceDocument] = {"sample": {"symbols": SYMBOLS, "timeframe": "1d", "clock": "replay"}}
RULES = {
    "enterLong": "crosses_above(sma(close, 2), sma(close, 5)) or rsi(close, 3) < 20",
    "exitLong": "close < ema(close, 4)",
    "enterShort": "close < lowest(lag(close, 1), 4)",
    "exitShort": "close > sma(close, 3)",
}


def make_specification(**fields: Any) -> Specification:
    spec: dict[str, Any] = {
        "systemRef": {"name": "system"},
        "universe": {"symbols": SYMBOLS},
        "data": {"source": "sample"},
        "logic": {"rules": RULES},
        "signals": {"cooldownBars": 4},
        "warmup": {"bars": 6},
    }
    return specify(Document(name="s", uid="u", generation=1, revision="r1", spec=spec | fields), SOURCES)


def make_bars(seed: int, count: int) -> list[BarColumns]:
    """Return a random walk with gaps: now and then a symbol has no bar."""
    chance = random.Random(seed)  # noqa: S311 - prices, no secret
    closes = dict.fromkeys(SYMBOLS, 100.0)
    bars = []
    for number in range(1, count + 1):
        symbols = [symbol for symbol in SYMBOLS if chance.random() < 0.9]
        for symbol in symbols:
            closes[symbol] *= 1 + chance.gauss(0, 0.02)
        close = [closes[symbol] for symbol in symbols]
        high = [price * 1.01 for price in close]
        low = [price * 0.99 for price in close]
        moment = number * 1000
        bars.append(BarColumns(moment - 500, moment, tuple(symbols), close, high, low, close, [1.0] * len(symbols)))
    return bars


def start(specification: Specification, checkpoint: Checkpoint) -> Progress:
    return Progress(specification, checkpoint, checkpoint.token + 1, "system", wall_ms=lambda: 0)


BEFORE_THE_FIRST_BAR = Checkpoint("r1", 0, 0, NO_POSITIONS, 0)


def follow(
    progress: Progress, bars: list[BarColumns], until: int, permission: Permission = "Everything"
) -> Commit | None:
    for columns in bars[:until]:
        if columns.close_ms > progress.cursor:
            progress.step(columns, permission, progress.specification)
    return progress.commit()


def batch(specification: Specification, bars: list[BarColumns]) -> list[Signal]:
    resolved = resolve_strategy(specification.spec)
    view = UniverseView(resolved.symbols)
    writer = RecordWriter("system", "s", "r1", specification.spec)
    decided = run_batch(Kernel(resolved, resolved.symbols), map(view.bar, bars))
    return [
        writer.write(decision, columns, 0)
        for columns, (_, decisions) in zip(bars, decided, strict=True)
        for decision in decisions
    ]


@given(seed=st.integers(0, 2**32), stops=st.lists(st.integers(1, 120), max_size=6))
@settings(max_examples=40, deadline=None)
def test_runner_that_is_replaced_anywhere_writes_what_the_batch_driver_computes(seed: int, stops: list[int]) -> None:
    specification = make_specification()
    bars = make_bars(seed, 120)
    checkpoint, written = BEFORE_THE_FIRST_BAR, []
    for stop in [*sorted(stops), len(bars)]:
        commit = follow(start(specification, checkpoint), bars, stop)
        if commit is not None:
            assert commit.over == checkpoint.bar
            checkpoint = commit.checkpoint
            written += commit.signals
    assert written == batch(specification, bars)


@pytest.mark.parametrize("seed", range(3))
def test_random_walks_do_bring_signals(seed: int) -> None:
    assert len(batch(make_specification(), make_bars(seed, 120))) > 10


def test_nothing_is_written_before_a_new_bar_comes() -> None:
    bars = make_bars(1, 60)
    commit = follow(start(make_specification(), BEFORE_THE_FIRST_BAR), bars, 60)
    assert commit is not None
    again = start(make_specification(), commit.checkpoint)
    assert follow(again, bars, 60) is None
    assert not again.unwritten


def test_paused_strategy_writes_checkpoints_and_no_signals() -> None:
    bars = make_bars(1, 60)
    commit = follow(start(make_specification(), BEFORE_THE_FIRST_BAR), bars, 60, "Nothing")
    assert commit is not None
    assert commit.checkpoint.bar == 60_000
    assert commit.signals == ()


def test_exits_only_takes_no_position() -> None:
    bars = make_bars(1, 120)
    commit = follow(start(make_specification(), BEFORE_THE_FIRST_BAR), bars, 120, "ExitsOnly")
    assert commit is not None
    assert commit.signals == ()


def test_new_revision_keeps_positions_and_sees_history_from_the_start() -> None:
    bars = make_bars(1, 60)
    old = follow(start(make_specification(), BEFORE_THE_FIRST_BAR), bars, 40)
    assert old is not None
    changed = make_specification(logic={"rules": {"enterLong": "close > 10000", "exitLong": "close > 0"}})
    changed = replace(changed, document=changed.document.model_copy(update={"revision": "r2"}))
    progress = start(changed, replace(old.checkpoint, positions='{"AAA":[1,-1],"BBB":[-1,-1],"ZZZ":[1,-1]}'))
    new = follow(progress, bars, 60)
    assert new is not None
    assert progress.kernel.bars_seen > 45, "history before the change warms the new rules up"
    assert {signal.entry.partition("-")[2] for signal in new.signals} == {"0"}, "only AAA was long"
    assert new.checkpoint.revision == "r2"


@pytest.mark.parametrize(
    ("trading", "state", "permission"),
    [
        ("Active", "Running", "Everything"),
        ("ReduceOnly", "Running", "ExitsOnly"),
        ("Halted", "Running", "Nothing"),
        ("Active", "Paused", "Nothing"),
        ("Active", "Halted", "Nothing"),
        ("ReduceOnly", "Paused", "Nothing"),
    ],
)
def test_permission_is_the_stricter_of_system_and_strategy(trading: Any, state: str, permission: str) -> None:
    assert permission_of(trading, state) == permission
