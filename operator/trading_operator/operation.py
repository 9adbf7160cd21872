"""The operator put together: which part knows which, and what runs side by side."""

import asyncio
import logging
import random
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from trading_operator import labels
from trading_operator.acceptance import Acceptance
from trading_operator.cluster.client import Client
from trading_operator.cluster.credentials import Credentials
from trading_operator.cluster.recorder import Recorder
from trading_operator.cluster.session import Session
from trading_operator.cluster.signalservice import DirectTransport, ProxyTransport, SignalServices
from trading_operator.cluster.writer import Writer
from trading_operator.conversation import Conversations
from trading_operator.gathering import Gatherer
from trading_operator.inbox import Inbox
from trading_operator.kinds import CHILDREN, SECRET, Kind
from trading_operator.metrics import Metrics
from trading_operator.names import TOKEN_SECRET
from trading_operator.observed import ChildCache, ObjectKey, ObjectStore
from trading_operator.probes import Health, serve_probes
from trading_operator.queue import WorkQueue
from trading_operator.reconcile import Reconciler
from trading_operator.reporting import Reporter
from trading_operator.settings import Settings
from trading_operator.watch import Watcher, run_watchers, wait_until_synced
from trading_operator.workers import Workers, measure_watches, resync, take_first_stock, wait_for_definitions

log = logging.getLogger(__name__)

FollowObjects = Callable[[Inbox], Coroutine[None, None, None]]


@dataclass(slots=True)
class Parts:
    """The parts of one operator."""

    client: Client
    inbox: Inbox
    writer: Writer
    watchers: list[Watcher]
    workers: Workers
    metrics: Metrics
    jitter: random.Random


async def operate(
    settings: Settings, credentials: Credentials, follow_objects: FollowObjects, stopping: asyncio.Event
) -> None:
    """Run until told to stop. Raises what ended a part that never ends."""
    health = Health()
    async with _assembled(settings, credentials) as parts:
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
    health.watchers = parts.watchers
    async with asyncio.TaskGroup() as group:
        group.create_task(run_watchers(parts.watchers))
        group.create_task(measure_watches(parts.watchers, parts.metrics))
        await wait_for_definitions(parts.client)
        group.create_task(follow_objects(parts.inbox))
        await take_first_stock(parts.client, parts.inbox, settings.scopes)
        health.stock_taken = True
        await wait_until_synced(parts.watchers)
        log.info("ready", extra={"objects": len(parts.inbox.store.all_keys()), "children": len(parts.writer.cache)})
        group.create_task(parts.workers.run(settings.workers))
        scopes, seconds = settings.scopes, settings.resync_seconds
        group.create_task(resync(parts.client, parts.inbox, parts.writer, scopes, seconds=seconds, jitter=parts.jitter))


@asynccontextmanager
async def _assembled(settings: Settings, credentials: Credentials) -> AsyncIterator[Parts]:
    metrics, jitter = Metrics(), random.Random()  # noqa: S311 - spreads retries, guards nothing
    store, cache = ObjectStore(), ChildCache()
    queue: WorkQueue[ObjectKey] = WorkQueue(metrics, jitter)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(Session(credentials, metrics))
        transport = (
            await stack.enter_async_context(DirectTransport()) if credentials.in_cluster else ProxyTransport(session)
        )
        client = Client(session)
        gatherer = Gatherer(store, cache, Acceptance(settings.catalog), new_token=secrets.token_urlsafe)
        inbox = Inbox(store, queue.add, gatherer.forget)
        recorder = Recorder(client)
        writer = Writer(client, cache, recorder, metrics)

        def strategies_changed(system: ObjectKey, names: set[str]) -> None:
            for name in names:
                queue.add(ObjectKey("Strategy", system.namespace, name))

        conversations = Conversations(SignalServices(transport), settings.status_seconds, strategies_changed, jitter)
        stack.callback(conversations.end_all)
        reconciler = Reconciler(
            store=store,
            cache=cache,
            gatherer=gatherer,
            writer=writer,
            reporter=Reporter(client, inbox.take_answer, recorder, metrics, later=queue.add_after),
            conversations=conversations,
            catalog=settings.catalog,
            now=lambda: datetime.now(UTC),
            enqueue=queue.add,
        )
        watchers = [
            Watcher(client, cache, kind, scope, _selectors(kind), inbox.child_changed, jitter)
            for scope in settings.scopes
            for kind in CHILDREN
        ]
        workers = Workers(queue, reconciler.reconcile, store, metrics)
        yield Parts(client, inbox, writer, watchers, workers, metrics, jitter)


def _selectors(kind: Kind) -> dict[str, str]:
    """Return which objects of a kind are followed: our children, and of the Secrets no other than the one we made."""
    if kind == SECRET:
        return {"fieldSelector": f"metadata.name={TOKEN_SECRET}"}
    return {"labelSelector": labels.SELECTOR}
