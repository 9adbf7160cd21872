"""The operator put together: which part knows which, and what runs side by side."""

import asyncio
import gc
import logging
import random
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from trading_operator import labels
from trading_operator.acceptance import Acceptance
from trading_operator.capabilities import Capabilities
from trading_operator.childcache import ChildCache
from trading_operator.cluster.client import Client
from trading_operator.cluster.credentials import Credentials
from trading_operator.cluster.leases import Leases
from trading_operator.cluster.recorder import Recorder
from trading_operator.cluster.session import Session
from trading_operator.cluster.signalservice import DirectTransport, ProxyTransport, SignalServices
from trading_operator.cluster.underway import WritesUnderWay
from trading_operator.cluster.watchsession import Pulse
from trading_operator.cluster.writer import Writer
from trading_operator.conversation import Conversations
from trading_operator.desired.children import desired_system
from trading_operator.election import Election, Leadership, OnlyReplica, lead
from trading_operator.gathering import Gatherer
from trading_operator.inbox import Inbox
from trading_operator.kinds import CHILDREN, OBJECTS, SECRET, Kind
from trading_operator.manifests import DesiredSystem, SystemManifests
from trading_operator.metrics import ConditionCollector, Metrics
from trading_operator.names import TOKEN_SECRET
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import ObjectKey
from trading_operator.probes import Health, keep_beating, serve_probes
from trading_operator.queue import WorkQueue
from trading_operator.reconcile import Reconciler
from trading_operator.reporting import Reporter
from trading_operator.settings import Settings
from trading_operator.stock import Stock
from trading_operator.watch import Watcher
from trading_operator.watches import Watches
from trading_operator.workers import Workers

log = logging.getLogger(__name__)

COLLECT_AFTER: Final = 10_000
"""New containers after which Python looks for cycles; by default 700, which takes as long as reading a listing does."""

FollowObjects = Callable[[Stock, Sequence[Pulse]], Coroutine[None, None, None]]
"""Goes on from the stock, brings every event into its inbox, and gives signs of life."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What becomes of a TradingSystem: which kinds of children there are, and which children."""

    kinds: tuple[Kind, ...] = CHILDREN
    desired_system: DesiredSystem = desired_system


@dataclass(slots=True)
class Parts:
    """The parts of one operator."""

    stock: Stock
    writer: Writer
    watches: Watches
    workers: Workers
    leadership: Leadership
    conversations: Conversations
    metrics: Metrics
    jitter: random.Random


async def operate(
    settings: Settings,
    credentials: Credentials,
    follow_objects: FollowObjects,
    stopping: asyncio.Event,
    blueprint: Blueprint = Blueprint(),
) -> None:
    """Run until told to stop. Raises what ended a part that never ends."""
    gc.set_threshold(COLLECT_AFTER)
    health = Health()
    async with _assembled(settings, credentials, blueprint) as parts:
        probes = await serve_probes(health, parts.metrics, settings.port)
        running = asyncio.create_task(_run(parts, settings, health, follow_objects), name="operation")
        told = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
        finally:
            told.cancel()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await probes.cleanup()


async def _run(parts: Parts, settings: Settings, health: Health, follow_objects: FollowObjects) -> None:
    """List everything first, then make passes: half a picture would make for wrong children."""
    health.watches = parts.watches
    async with asyncio.TaskGroup() as group:
        group.create_task(keep_beating(health, parts.metrics))
        group.create_task(parts.watches.run())
        await parts.stock.take_first()
        health.stock_taken = True
        health.pulses = [Pulse(kind, scope) for kind in OBJECTS for scope in settings.scopes]
        group.create_task(follow_objects(parts.stock, health.pulses))
        await parts.watches.wait_until_answered()
        log.info("ready", extra={"objects": len(parts.stock.inbox.store), "children": len(parts.writer.cache)})
        renewal = parts.stock.take_at_intervals(settings.resync_seconds, parts.jitter, parts.writer.forget_rejections)
        group.create_task(renewal)
        group.create_task(lead(parts.leadership, lambda: _work(parts, settings.workers)))


async def _work(parts: Parts, count: int) -> None:
    """Make passes, and talk to the services of systems, as only one replica does.

    What an earlier term left undone, and whom it talked to, nobody knows: every object gets a pass.
    """
    queue = parts.workers.queue
    queue.open()
    for key in parts.workers.store.all_keys():
        queue.add(key, resync=True)
    try:
        await parts.workers.run(count)
    finally:
        queue.close()
        parts.conversations.end_all()


@asynccontextmanager
async def _assembled(settings: Settings, credentials: Credentials, blueprint: Blueprint) -> AsyncIterator[Parts]:
    metrics, jitter = Metrics(), random.Random()  # noqa: S311 - spreads retries, guards nothing
    store, cache = ObjectStore(), ChildCache()
    metrics.registry.register(ConditionCollector(store.conditions))
    queue: WorkQueue[ObjectKey] = WorkQueue(metrics, jitter)
    queue.close()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(Session(credentials, metrics))
        transport = (
            await stack.enter_async_context(DirectTransport()) if credentials.in_cluster else ProxyTransport(session)
        )
        writes = WritesUnderWay()

        def somebody_wrote() -> bool:
            return len(cache) > 0 or any(store.conditions())

        leadership: Leadership = (
            Election(
                Leases(session, settings.lease_namespace, settings.lease_name),
                settings.identity,
                metrics,
                jitter,
                writes,
                somebody_wrote,
            )
            if settings.lease_namespace
            else OnlyReplica(metrics)
        )
        client = Client(session, leadership.check, writes)
        gatherer = Gatherer(store, cache, Acceptance(settings.catalog), new_token=secrets.token_urlsafe)
        inbox = Inbox(store, queue.add, queue.add_after, gatherer.forget)
        recorder = Recorder(client)
        capabilities = Capabilities(inbox.capabilities_changed)
        writer = Writer(client, cache, capabilities, recorder, metrics)

        def build_watcher(kind: Kind, scope: str | None) -> Watcher:
            return Watcher(client, cache, capabilities, kind, scope, _selectors(kind), inbox.child_changed, jitter)

        inbox.places = watches = Watches(build_watcher, blueprint.kinds, settings.scopes)

        def strategies_changed(system: ObjectKey, names: set[str]) -> None:
            for name in names:
                queue.add(ObjectKey("Strategy", system.namespace, name))

        conversations = Conversations(
            SignalServices(transport, leadership.check), settings.status_seconds, strategies_changed, jitter
        )
        reconciler = Reconciler(
            store=store,
            cache=cache,
            gatherer=gatherer,
            writer=writer,
            reporter=Reporter(client, inbox.take_answer, recorder, later=queue.add_after),
            conversations=conversations,
            manifests=SystemManifests(blueprint.desired_system, settings.catalog),
            catalog=settings.catalog,
            now=lambda: datetime.now(UTC),
            enqueue=queue.add,
            wait_until_seen=watches.wait_until_seen,
        )

        yield Parts(
            stock=Stock(client, inbox, settings.scopes, settings.selectors),
            writer=writer,
            watches=watches,
            workers=Workers(queue, reconciler.reconcile, reconciler.report_trouble, store, metrics),
            leadership=leadership,
            conversations=conversations,
            metrics=metrics,
            jitter=jitter,
        )


def _selectors(kind: Kind) -> dict[str, str]:
    """Return which objects of a kind are followed: our children, and of the Secrets no other than the one we made."""
    if kind == SECRET:
        return {"fieldSelector": f"metadata.name={TOKEN_SECRET}"}
    return {"labelSelector": labels.SELECTOR}
