"""What the scripts refuse: writes without the lease, over another checkpoint, or of a bar that is there already."""

from typing import Any

import pytest
from redis.asyncio import Redis

from tests.integration.workloads.expected import recording
from trading_workloads.bars.door import RawBar, Refusal
from trading_workloads.bars.recording import Close
from trading_workloads.contract import SystemKeys
from trading_workloads.runner.checkpoint import Checkpoint
from trading_workloads.runner.commit import Commit, Outcome, Signal, read_outcome, write_commit
from trading_workloads.runner.lease import Held, HeldByAnother, read_lease, release_lease, take_lease
from trading_workloads.runner.renewal import start_anew
from trading_workloads.runner.report import write_report
from trading_workloads.services.data.publisher import NOTHING_YET, Publisher
from trading_workloads.store.connection import command
from trading_workloads.store.script import run_script

KEYS = SystemKeys("tests", "system")
SECONDS = 5.0


async def take(redis: Redis, holder: str, token: int | None = None) -> Held | HeldByAnother:
    return read_lease(await run_script(redis, take_lease(KEYS, "s", holder, SECONDS, token)))


async def write(redis: Redis, holder: str, token: int, over: int | None, bar: int, *entries: str) -> Outcome:
    checkpoint = Checkpoint("r1", 0, bar, "{}", token)
    commit = Commit("s", over, checkpoint, tuple(Signal(entry, entry.encode()) for entry in entries))
    return read_outcome(await run_script(redis, write_commit(KEYS, holder, SECONDS, commit)))


async def entries_of(redis: Redis, key: str) -> list[str]:
    return [entry.decode() for entry, _ in await command(redis, "XRANGE", key, "-", "+")]


async def test_lease_is_held_by_one_and_tokens_grow(redis: Redis) -> None:
    first = await take(redis, "a")
    assert first == Held(1, None)
    assert await take(redis, "b") == HeldByAnother("a")
    assert await take(redis, "a", token=1) == first, "renewing keeps the token"
    await run_script(redis, release_lease(KEYS, "s", "a", 1, forget=False))
    assert await take(redis, "b") == Held(2, None)


async def test_new_process_of_the_same_pod_takes_over_and_the_old_one_never_takes_it_back(redis: Redis) -> None:
    await take(redis, "a")
    assert await take(redis, "a") == Held(2, None)
    assert await take(redis, "a", token=1) == HeldByAnother("a")
    assert (await write(redis, "a", 1, None, 0)).result == "fenced"
    assert (await write(redis, "a", 2, None, 0)).result == "written"


async def test_token_grows_over_the_checkpoint_when_the_counter_was_lost(redis: Redis) -> None:
    await command(redis, "HSET", KEYS.checkpoint("s"), "revision", "r1", "bar", 7, "token", 41)
    held = await take(redis, "a")
    assert isinstance(held, Held)
    assert held.token == 42


async def test_lease_expires(redis: Redis) -> None:
    await take(redis, "a")
    assert 0 < await command(redis, "PTTL", KEYS.lease("s")) <= SECONDS * 1000


@pytest.mark.parametrize(("holder", "token"), [("b", 1), ("a", 2)], ids=["holder", "token"])
async def test_commit_without_the_lease_writes_nothing(redis: Redis, holder: str, token: int) -> None:
    await take(redis, "a")
    assert (await write(redis, holder, token, None, 100, "100-0")).result == "fenced"
    assert await entries_of(redis, KEYS.signals("s")) == []
    assert not await command(redis, "EXISTS", KEYS.checkpoint("s"))


@pytest.mark.parametrize("over", [None, 50, 200], ids=["none", "earlier", "later"])
async def test_commit_over_another_bar_writes_nothing(redis: Redis, over: int | None) -> None:
    await take(redis, "a")
    await write(redis, "a", 1, None, 100, "100-0")
    assert (await write(redis, "a", 1, over, 300, "300-0")).result == "elsewhere"
    assert await entries_of(redis, KEYS.signals("s")) == ["100-0"]
    assert await command(redis, "HGET", KEYS.checkpoint("s"), "bar") == b"100"


async def test_signal_that_is_there_already_stays_and_is_counted(redis: Redis) -> None:
    await take(redis, "a")
    await write(redis, "a", 1, None, 100, "100-0", "100-3")
    await command(redis, "DEL", KEYS.checkpoint("s"))
    assert await write(redis, "a", 1, None, 200, "100-0", "100-3", "200-1") == Outcome("written", 2)
    assert await entries_of(redis, KEYS.signals("s")) == ["100-0", "100-3", "200-1"]


async def test_scripts_are_sent_again_to_a_redis_that_forgot_them(redis: Redis) -> None:
    await take(redis, "a")
    await command(redis, "SCRIPT FLUSH")
    assert await take(redis, "a", token=1) == Held(1, None)


async def test_starting_anew_needs_the_lease(redis: Redis) -> None:
    await take(redis, "a")
    await write(redis, "a", 1, None, 100, "100-0")
    await run_script(redis, write_report(KEYS, "s", "a", 1, b"{}"))
    assert await run_script(redis, start_anew(KEYS, "s", "a", 2)) == 0
    assert await entries_of(redis, KEYS.signals("s")) == ["100-0"]
    assert await run_script(redis, start_anew(KEYS, "s", "a", 1)) == 1
    assert not await command(redis, "EXISTS", KEYS.signals("s"), KEYS.checkpoint("s"), KEYS.status())
    assert await take(redis, "a", token=1) == Held(1, None)


async def test_report_needs_the_lease(redis: Redis) -> None:
    await take(redis, "a")
    assert await run_script(redis, write_report(KEYS, "s", "b", 1, b"{}")) == 0
    assert await run_script(redis, write_report(KEYS, "s", "a", 1, b"{}")) == 1
    assert await command(redis, "HGETALL", KEYS.status()) == {b"s": b"{}"}


def publisher(redis: Redis) -> Publisher:
    return Publisher(redis, KEYS, "sample", "1d", "replay")


async def test_closes_are_published_only_where_the_stream_ends_as_expected(redis: Redis) -> None:
    closes = recording().closes
    ids = [f"{close.columns.close_ms}-0" for close in closes[:4]]
    assert await publisher(redis).publish(NOTHING_YET, closes[:2]) is None
    assert await publisher(redis).publish(NOTHING_YET, closes[:2]) == ids[1]
    assert await publisher(redis).publish(ids[0], closes[1:3]) == ids[1]
    assert await publisher(redis).publish(ids[1], closes[2:4]) is None
    assert await entries_of(redis, KEYS.bars("sample", "1d")) == ids


async def test_refused_bars_are_quarantined_and_counted_once(redis: Redis) -> None:
    refusal = Refusal(RawBar("AAPL", "2000-03-01", 1, float("nan"), 1, 1, 1), "NotANumber", "high is no number")
    close = Close(recording().closes[0].columns, (refusal, refusal))
    for _ in range(2):
        await publisher(redis).publish(NOTHING_YET, [close])
    counts: dict[Any, Any] = await command(redis, "HGETALL", KEYS.quarantine_counts("sample"))
    assert counts == {b"NotANumber": b"2"}
    assert await command(redis, "XLEN", KEYS.quarantine("sample")) == 2
