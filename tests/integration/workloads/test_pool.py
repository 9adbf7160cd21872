"""What changes while strategies run: states, settings, revisions, the set of strategies; and what goes wrong."""

import asyncio
import json
from typing import Any

import pytest

from tests.integration.workloads.expected import expected_signals
from tests.integration.workloads.floor import KEYS, Floor, wait_until
from tests.integration.workloads.strategies import DIPS, make_control, make_document, make_spec
from trading_workloads.runner.pacer import Pacer
from trading_workloads.store.connection import command


def between(signals: list[dict[str, Any]], first: int, last: int) -> list[dict[str, Any]]:
    return [signal for signal in signals if first < int(signal["id"].partition("-")[0]) <= last]


async def test_pool_writes_what_the_batch_driver_computes(floor: Floor) -> None:
    documents = (make_document("cross"), make_document("dipper", spec=make_spec(DIPS)))
    await floor.push(make_control(*documents))
    floor.start()
    await floor.trade_until(400, "cross", "dipper")
    await floor.trade_until(401, "cross", "dipper")
    await floor.trade_until(1500, "cross", "dipper")
    for document in documents:
        assert await floor.signals(document["name"]) == expected_signals(document, bars=1500)


class SlowPacer(Pacer):
    """Makes every bar cost as much as one of a large strategy on little CPU."""

    async def breathe(self) -> None:
        await asyncio.sleep(0.03)


async def test_slow_strategies_share_turns_that_are_shorter_than_their_leases(floor: Floor) -> None:
    names = ("cross", "second", "third")
    await floor.push(make_control(*map(make_document, names)))
    await floor.market.publish_until(40)
    pool = floor.start(pacer=SlowPacer())
    await floor.trade_until(40, *names)
    assert [run.token for run in pool.runs.values()] == [1, 1, 1], "no lease was lost and taken again"
    for name in names:
        assert await floor.signals(name) == expected_signals(make_document(name), bars=40)


async def test_mounted_files_are_run_when_nothing_was_pushed(floor: Floor) -> None:
    (floor.directory / "cross.json").write_text(json.dumps(make_document()))
    (floor.directory / "broken.json").write_text("{")
    floor.start()
    await floor.trade_until(300)
    assert await floor.signals() == expected_signals(make_document(), bars=300)


async def test_paused_strategy_follows_bars_and_goes_on_with_its_positions(floor: Floor) -> None:
    await floor.push(make_control(make_document()))
    floor.start()
    await floor.trade_until(300)
    before = await floor.signals()
    paused = make_document(spec=make_spec(state="Paused"), generation=2)
    await floor.push(make_control(paused))
    await floor.wait_for_report("cross", state="Paused")
    await floor.trade_until(500)
    assert await floor.signals() == before
    await floor.push(make_control(make_document(generation=3)))
    await floor.wait_for_report("cross", generation=3)
    await floor.trade_until(700)
    after = (await floor.signals())[len(before) :]
    assert after, "it signals again"
    held = {signal["symbol"] for signal in before if signal["action"] == "EnterLong"}
    for symbol in held:
        actions = [signal["action"] for signal in [*before, *after] if signal["symbol"] == symbol]
        assert actions == ["EnterLong", "ExitLong"] * (len(actions) // 2) + ["EnterLong"] * (len(actions) % 2)


async def test_reduce_only_lets_positions_be_left_and_none_be_taken(floor: Floor) -> None:
    await floor.push(make_control(make_document()))
    floor.start()
    await floor.trade_until(300)
    before = await floor.signals()
    await floor.push(make_control(make_document(), trading="ReduceOnly"))
    await wait_until(lambda: _trades_as(floor, "ReduceOnly"), "the pool reduces only")
    await floor.trade_until(600)
    after = (await floor.signals())[len(before) :]
    assert after
    assert {signal["action"] for signal in after} == {"ExitLong"}
    await floor.push(make_control(make_document(), trading="Halted"))
    await wait_until(lambda: _trades_as(floor, "Halted"), "the pool is halted")
    await floor.trade_until(900)
    assert await floor.signals() == before + after


async def _trades_as(floor: Floor, state: str) -> bool:
    return all(pool.instructions.current.trading == state for pool in floor.pools)


async def test_mode_and_sizing_change_at_the_next_bar_without_building_again(floor: Floor) -> None:
    await floor.push(make_control(make_document()))
    pool = floor.start()
    await floor.trade_until(300)
    kernel = pool.runs["cross"].progress
    live = make_document(spec=make_spec(mode="Live", sizing={"maxWeight": "7%"}), generation=2)
    await floor.push(make_control(live))
    await floor.wait_for_report("cross", generation=2)
    await floor.trade_until(600)
    entries = [signal for signal in (await floor.signals()) if signal["action"] == "EnterLong"]
    assert {(signal["mode"], signal["targetWeight"]) for signal in entries} == {("Paper", 0.2), ("Live", 0.07)}
    assert pool.runs["cross"].progress is kernel


async def test_new_revision_takes_over_at_the_next_bar_with_the_positions(floor: Floor) -> None:
    old = make_document()
    await floor.push(make_control(old))
    floor.start()
    await floor.trade_until(400)
    before = await floor.signals()
    new = make_document(spec=make_spec(DIPS), generation=2, revision="r2")
    await floor.push(make_control(new))
    await floor.wait_for_report("cross", revision="r2")
    await floor.trade_until(800)
    after = (await floor.signals())[len(before) :]
    assert before == expected_signals(old, bars=400)
    assert {signal["revision"] for signal in after} == {"r2"}
    held = _held(before)
    assert held, "the old revision leaves positions behind"
    for symbol, side in held.items():
        first = next(signal for signal in after if signal["symbol"] == symbol)
        assert first["action"] == f"Exit{side}"


def _held(signals: list[dict[str, Any]]) -> dict[str, str]:
    held: dict[str, str] = {}
    for signal in signals:
        if signal["action"].startswith("Enter"):
            held[signal["symbol"]] = signal["side"]
        else:
            held.pop(signal["symbol"])
    return held


@pytest.mark.parametrize(
    ("spec", "reason", "words"),
    [
        (
            make_spec(universe={"symbols": ["AAPL", "MSFT", "XXXX"]}),
            "UnknownSymbol",
            'spec.universe.symbols[2]: found "XXXX", expected one of AAPL, FB, GOOG, IBM, MSFT',
        ),
        (
            make_spec(data={"source": "vendor"}),
            "UnknownSource",
            'spec.data.source: found "vendor", expected one of sample',
        ),
        (
            make_spec({"rules": {"enterLong": "smaa(close, 3) > close"}}),
            "InvalidRules",
            'spec.logic.rules.enterLong, column 1: unknown function "smaa"; did you mean "sma"?',
        ),
        (make_spec(data={"source": "sample", "timeframe": "1h"}), "UnknownTimeframe", 'found "1h", expected 1d'),
        (make_spec(state="Sleeping"), "InvalidSpec", 'spec.state: found "Sleeping"'),
    ],
    ids=["symbol", "source", "rule", "timeframe", "schema"],
)
async def test_bad_strategy_is_reported_and_the_others_go_on(
    floor: Floor, spec: dict[str, Any], reason: str, words: str
) -> None:
    await floor.push(make_control(make_document(), make_document("bad", spec=spec)))
    floor.start()
    await floor.trade_until(300)
    problem = (await floor.wait_for_report("bad"))["problem"]
    assert problem["reason"] == reason
    assert words in problem["message"]
    assert await floor.signals() == expected_signals(make_document(), bars=300)
    await floor.push(make_control(make_document(), make_document("bad", generation=2)))
    await floor.trade_until(310, "cross", "bad")
    assert "problem" not in await floor.wait_for_report("bad", generation=2, warm=True)


async def test_strategy_that_fails_by_itself_is_parked_and_the_others_go_on(floor: Floor) -> None:
    await floor.push(make_control(make_document(), make_document("unlucky")))
    await command(floor.redis, "HSET", KEYS.checkpoint("unlucky"), "bar", 0, "positions", "no JSON")
    floor.start()
    await floor.trade_until(300)
    await wait_until(lambda: floor.report("unlucky"), "the failure is reported")
    assert (await floor.report("unlucky"))["problem"]["reason"] == "KernelError"
    assert await floor.signals() == expected_signals(make_document(), bars=300)


async def test_strategy_whose_stream_is_spoilt_is_reported_and_the_others_go_on(floor: Floor) -> None:
    await floor.push(make_control(make_document(), make_document("spoilt")))
    await command(floor.redis, "SET", KEYS.signals("spoilt"), "no stream")
    floor.start()
    await floor.trade_until(300)
    report = await floor.wait_for_report("spoilt")
    assert report["problem"]["reason"] == "StoreError"
    assert "WRONGTYPE" in report["problem"]["message"]
    assert await floor.signals() == expected_signals(make_document(), bars=300)


async def test_removed_strategy_is_dropped_and_comes_back_where_it_was(floor: Floor) -> None:
    await floor.push(make_control(make_document(), make_document("other")))
    floor.start()
    await floor.trade_until(200, "cross", "other")
    await floor.wait_for_report("other")
    await floor.push(make_control(make_document()))

    async def gone() -> bool:
        return not await command(floor.redis, "EXISTS", KEYS.lease("other")) and not await floor.report("other")

    await wait_until(gone, "lease and report of the removed strategy are gone")
    await floor.trade_until(400)
    await floor.push(make_control(make_document(), make_document("other")))
    await floor.trade_until(401, "cross", "other")
    assert await floor.signals("other") == expected_signals(make_document("other"), bars=401)


@pytest.mark.parametrize("seen_gone", [True, False], ids=["between pushes", "at once"])
async def test_strategy_that_was_made_again_starts_anew(floor: Floor, seen_gone: bool) -> None:
    await floor.push(make_control(make_document()))
    floor.start()
    await floor.trade_until(300)
    old = await floor.signals()
    if seen_gone:
        await floor.push(make_control())
        await wait_until(lambda: _is_free(floor), "the lease is given back")
        assert await floor.signals() == old, "they stay readable"
    again = make_document(spec=make_spec(DIPS), uid="another")
    await floor.push(make_control(again))
    await floor.wait_for_report("cross", uid="another", barsSeen=300)
    assert await floor.signals() == expected_signals(again, bars=300)
    report = await floor.wait_for_report("cross", signals=len(expected_signals(again, bars=300)))
    assert report["uid"] == "another"


async def _is_free(floor: Floor) -> bool:
    return not await command(floor.redis, "EXISTS", KEYS.lease("cross"))


async def test_checkpoint_without_a_uid_is_the_strategy_s_own(floor: Floor) -> None:
    await floor.push(make_control(make_document()))
    floor.start()
    await floor.trade_until(300)
    await floor.close()
    await command(floor.redis, "HDEL", KEYS.checkpoint("cross"), "uid")
    old = await floor.signals()
    floor.start("other")
    await floor.trade_until(600)
    assert await floor.signals() == expected_signals(make_document(), bars=600)
    assert (await floor.signals())[: len(old)] == old


async def test_wall_clock_starts_after_the_newest_bar(floor: Floor) -> None:
    await floor.market.open(clock="wall")
    last = await floor.market.publish_until(300)
    await floor.push(make_control(make_document()))
    floor.start()
    await floor.trade_until(300)
    await floor.trade_until(600)
    signals = await floor.signals()
    assert signals
    assert min(int(signal["id"].partition("-")[0]) for signal in signals) > last


async def test_push_survives_a_redis_that_was_emptied(floor: Floor) -> None:
    await floor.push(make_control(make_document(), trading="Halted"))
    pool = floor.start()
    await floor.trade_until(100)
    await command(floor.redis, "FLUSHALL")
    await wait_until(lambda: command(floor.redis, "EXISTS", KEYS.control()), "the push is back")
    assert pool.instructions.current.trading == "Halted"


async def test_entry_that_has_no_bars_is_passed_over(floor: Floor) -> None:
    await floor.push(make_control(make_document()))
    floor.start()
    last = await floor.market.publish_until(300)
    stream = KEYS.bars("sample", "1d")
    await command(floor.redis, "XADD", stream, f"{last + 1}-0", "unknown", "text")
    await wait_until(lambda: floor.is_at("cross", last + 1), "the strategy is past the entry")
    assert await floor.signals() == expected_signals(make_document(), bars=300)
