"""Processes are killed while bars come; then each signal stands in its stream once, as the batch driver has it."""

import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.integration.workloads.expected import expected_signals, recording
from tests.integration.workloads.stage import KEYS, LAST_BAR, Stage
from tests.integration.workloads.strategies import DIPS, make_document, make_spec
from tests.integration.workloads.workload import Workload, wait_until
from trading_workloads.bars.entry import encode_entry

KILLS = 20
CROSS = make_document("cross")
DIPPER = make_document("dipper", spec=make_spec(DIPS))


def wait_until_done(stage: Stage, *strategies: str) -> None:
    for strategy in strategies:
        wait_until(lambda name=strategy: stage.bar(name) == LAST_BAR, f"{strategy} has seen the last bar", 40)


def assert_each_signal_once(stage: Stage) -> None:
    for document in (CROSS, DIPPER):
        expected = expected_signals(document)
        assert len(expected) > 100, "a test without signals proves nothing"
        assert stage.signals(document["name"]) == expected


def test_runner_killed_twenty_times_writes_each_signal_once(stage: Stage) -> None:
    chance = random.Random(7)  # noqa: S311 - moments of kills, no secret
    stage.data(closes_per_second=50)
    runner = stage.signal("runner", CROSS, DIPPER)
    for _ in range(KILLS):
        before = stage.bar()
        wait_until(lambda before=before: stage.bar() > before, "the runner goes on after a kill")
        time.sleep(chance.uniform(0, 0.15))
        runner.kill()
        assert stage.bar() < LAST_BAR, "every kill must hit a runner at work"
        runner.start()
    stage.pace(closes_per_second=5000)
    wait_until_done(stage, "cross", "dipper")
    assert_each_signal_once(stage)


def kill_redis(stage: Stage, _data: Workload) -> None:
    stage.redis.kill()
    stage.redis.start()


def lose_the_tail(stage: Stage, _data: Workload) -> None:
    """Take the newest part of what Redis has on disk, as a failover to a replica that lags would."""
    stage.redis.kill()
    (log,) = (stage.redis.directory / "appendonlydir").glob("*.incr.aof")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size * 4 // 5)
    stage.redis.start()


def empty_redis(stage: Stage, _data: Workload) -> None:
    stage.redis.client().flushall()


def kill_data_service(_stage: Stage, data: Workload) -> None:
    data.kill()
    data.start()


@pytest.mark.parametrize("disturb", [kill_redis, lose_the_tail, empty_redis, kill_data_service])
def test_bars_and_signals_survive(stage: Stage, disturb: Callable[[Stage, Workload], None]) -> None:
    data = stage.data(closes_per_second=500)
    stage.signal("runner", CROSS, DIPPER)
    for bars in (500, 1700):
        wait_until(lambda bars=bars: stage.published() > bars, f"{bars} bars are published")
        disturb(stage, data)
    wait_until_done(stage, "cross", "dipper")
    assert_each_signal_once(stage)
    entries = stage.redis.client().xrange(KEYS.bars("sample", "1d"))
    published = [{name.decode(): value.decode() for name, value in fields.items()} for _, fields in entries]
    assert published == [encode_entry(close.columns, "replay") for close in recording().closes]


def test_finished_replay_comes_back_after_redis_was_emptied(stage: Stage) -> None:
    stage.data(closes_per_second=5000)
    stage.signal("runner", CROSS, DIPPER)
    wait_until_done(stage, "cross", "dipper")
    stage.redis.client().flushall()
    wait_until_done(stage, "cross", "dipper")
    assert_each_signal_once(stage)


def test_runner_that_slept_through_its_lease_never_writes_again(stage: Stage) -> None:
    stage.data(closes_per_second=800)
    sleeper = stage.signal("sleeper", CROSS, DIPPER)
    wait_until(lambda: stage.bar() > 0, "the first runner works")
    stage.signal("successor", CROSS, DIPPER)
    sleeper.send(signal.SIGSTOP)
    client = stage.redis.client()
    wait_until(lambda: client.hget(KEYS.lease("cross"), "holder") == b"successor", "the lease has passed on")
    token = int(client.hget(KEYS.lease("cross"), "token") or 0)
    wait_until(lambda: int(client.hget(KEYS.checkpoint("cross"), "token") or 0) == token, "the successor writes")
    sleeper.send(signal.SIGCONT)
    wait_until_done(stage, "cross", "dipper")
    assert client.hget(KEYS.checkpoint("cross"), "token") == str(token).encode()
    assert client.hget(KEYS.lease("cross"), "holder") == b"successor"
    assert_each_signal_once(stage)


def test_terminated_runner_hands_over_at_once(stage: Stage) -> None:
    stage.lease_seconds = 30
    stage.data(closes_per_second=200)
    first = stage.signal("first", CROSS)
    wait_until(lambda: stage.bar() > 0, "the first runner works")
    second = stage.signal("second", CROSS)
    wait_until(lambda: "Uvicorn running" in second.log.read_text(), "the second runner is up")
    assert first.terminate() < 1
    assert not stage.redis.client().exists(KEYS.lease("cross"))


def test_dedicated_runner_runs_its_strategy_alone(stage: Stage) -> None:
    document = make_document("alone", spec=make_spec(placement="Dedicated"))
    stage.data(closes_per_second=5000)
    stage.signal("pool", CROSS, document)
    stage.dedicated("pod", document)
    wait_until_done(stage, "cross", "alone")
    holders = {name: stage.redis.client().hget(KEYS.lease(name), "holder") for name in ("cross", "alone")}
    assert holders == {"cross": b"pool", "alone": b"pod"}
    assert stage.signals("alone") == expected_signals(document)
