import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientSession

from trading_operator.cluster.watchsession import Pulse
from trading_operator.errors import SettingsError
from trading_operator.kinds import STRATEGY, TRADING_SYSTEM
from trading_operator.metrics import Metrics
from trading_operator.probes import BEAT_SECONDS, LATE_SECONDS, STUCK_SECONDS, Health, keep_beating, serve_probes


def watches(*watchers: Any) -> Any:
    unsynced = [watcher.kind.plural for watcher in watchers if not watcher.synced.is_set()]
    return SimpleNamespace(watchers=watchers, unsynced=lambda: unsynced)


def watcher(*, synced: bool = True, alive: float = 0.0) -> Any:
    event = asyncio.Event()
    if synced:
        event.set()
    return SimpleNamespace(kind=SimpleNamespace(plural="services"), synced=event, alive=alive)


def test_ready_when_everything_was_listed() -> None:
    health = Health(watches(watcher(synced=False)))
    assert health.why_not_ready() == "objects are not listed yet"
    health.stock_taken = True
    assert health.why_not_ready() == "children are not listed yet: services"
    health.watches = watches(watcher())
    assert health.why_not_ready() == ""


def test_alive_unless_a_watch_does_nothing_at_all() -> None:
    now = 1e9
    health = Health(watches(watcher(alive=now - STUCK_SECONDS + 1)), clock=lambda: now, beat=now)
    assert health.why_not_alive() == ""
    health.watches = watches(watcher(alive=now - STUCK_SECONDS - 1))
    assert health.why_not_alive() == "watches are stuck: services"


def test_alive_unless_kopf_asks_for_nothing_any_more() -> None:
    now = 1e9
    asking = Pulse(TRADING_SYSTEM, None, alive=now - STUCK_SECONDS + 1, heard=now - 3600)
    health = Health(watches(watcher(alive=now)), [asking], clock=lambda: now, beat=now)
    assert health.why_not_alive() == "", "an API server that is away is not our illness"
    health.pulses = [asking, Pulse(STRATEGY, None, alive=now - STUCK_SECONDS - 1)]
    assert health.why_not_alive() == "watches are stuck: strategies"


def test_alive_unless_the_event_loop_is_late() -> None:
    now = 1e9
    health = Health(clock=lambda: now, beat=now - BEAT_SECONDS - LATE_SECONDS)
    assert health.why_not_alive() == ""
    health.beat -= 5
    assert health.why_not_alive() == "the event loop is 25 s late"


async def test_beat_shows_in_health_and_metrics() -> None:
    health, metrics = Health(watches(watcher()), clock=lambda: 1e9), Metrics()
    health.watchers[0].heard = 1e9 - 7
    await beat_once(health, metrics)
    assert (health.beat, metrics.watch_age._value.get()) == (1e9, 7)


async def test_watches_of_kopf_show_in_metrics() -> None:
    health, metrics = Health(pulses=[Pulse(STRATEGY, None, heard=1e9 - 8)], clock=lambda: 1e9), Metrics()
    await beat_once(health, metrics)
    assert metrics.watch_age._value.get() == 8


async def beat_once(health: Health, metrics: Metrics) -> None:
    beating = asyncio.create_task(keep_beating(health, metrics))
    await asyncio.sleep(0)
    beating.cancel()


async def test_pages_answer() -> None:
    runner = await serve_probes(Health(), Metrics(), 0)
    port = next(address[1] for address in runner.addresses if len(address) == 2)  # the IPv4 one
    async with ClientSession(f"http://127.0.0.1:{port}") as session:
        async with session.get("/livez") as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
        async with session.get("/readyz") as answer:
            assert answer.status == 503
        async with session.get("/metrics") as answer:
            assert "trading_operator_build_info" in await answer.text()
    await runner.cleanup()


async def test_port_that_is_taken_is_told() -> None:
    runner = await serve_probes(Health(), Metrics(), 0)
    port = runner.addresses[0][1]
    with pytest.raises(SettingsError, match=f'TRADING_OPERATOR_PORT: found "{port}", .* expected a free port'):
        await serve_probes(Health(), Metrics(), port)
    await runner.cleanup()
