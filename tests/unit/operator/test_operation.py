import asyncio
import random
import time
from types import SimpleNamespace
from typing import Any

from tests.unit.operator.factories import strategy_body, system_body
from trading_operator.election import OnlyReplica
from trading_operator.metrics import Metrics
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import ObjectKey, object_key
from trading_operator.operation import _run, _work
from trading_operator.probes import STUCK_SECONDS, Health
from trading_operator.queue import WorkQueue
from trading_operator.settings import Settings
from trading_operator.workers import Workers


async def test_every_object_gets_a_pass_when_this_replica_leads_again() -> None:
    """The first term ends in the middle of a pass, which is then nobody's: neither done, nor waiting."""
    store, metrics, begun, made = ObjectStore(), Metrics(), asyncio.Event(), asyncio.Event()
    bodies = [system_body(), strategy_body()]
    for body in bodies:
        store.put(body)
    passes: list[ObjectKey] = []

    async def reconcile(key: ObjectKey) -> None:
        passes.append(key)
        begun.set()
        if len(passes) == 1 + len(bodies):
            made.set()
        await asyncio.sleep(0 if len(passes) > 1 else 60)

    queue: WorkQueue[ObjectKey] = WorkQueue(metrics, random.Random(1))  # noqa: S311 - repeats
    reporting: Any = None
    workers = Workers(queue, reconcile, reporting, store, metrics)
    parts: Any = SimpleNamespace(workers=workers, conversations=SimpleNamespace(end_all=lambda: None))
    first = asyncio.create_task(_work(parts, 1))
    await asyncio.wait_for(begun.wait(), 1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = asyncio.create_task(_work(parts, 1))
    await asyncio.wait_for(made.wait(), 1)
    second.cancel()
    assert set(passes[1:]) == {object_key(body) for body in bodies}


async def test_whoever_should_follow_our_objects_and_does_nothing_is_noticed() -> None:
    following = asyncio.Event()

    async def forever(*_: object) -> None:
        await asyncio.Event().wait()

    async def at_once() -> None:
        """Have nothing to do."""

    async def follow(*_: object) -> None:
        following.set()
        await forever()

    stock = SimpleNamespace(inbox=SimpleNamespace(store=()), ask=None, take_first=at_once, take_at_intervals=forever)
    parts: Any = SimpleNamespace(
        watches=SimpleNamespace(run=forever, watchers=(), wait_until_answered=at_once),
        stock=stock,
        writer=SimpleNamespace(cache=(), forget_rejections=None),
        workers=SimpleNamespace(store=ObjectStore(), run=forever),
        conversations=SimpleNamespace(end_all=lambda: None),
        leadership=OnlyReplica(Metrics()),
        metrics=Metrics(),
        jitter=None,
    )
    health = Health()
    running = asyncio.create_task(_run(parts, Settings(namespaces=("trading",)), health, follow))
    await asyncio.wait_for(following.wait(), 1)
    assert health.why_not_alive() == ""
    later = health.beat = time.monotonic() + STUCK_SECONDS + 1
    health.clock = lambda: later
    assert health.why_not_alive() == "watches are stuck: tradingsystems, strategies"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
