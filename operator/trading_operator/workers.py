"""Workers that make passes, and the clockwork beside them: resyncs and the age of watches."""

import asyncio
import itertools
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from trading_operator.cluster.client import Client
from trading_operator.cluster.writer import Writer
from trading_operator.errors import WorldError
from trading_operator.inbox import Inbox
from trading_operator.kinds import STRATEGY, TRADING_SYSTEM
from trading_operator.logs import CURRENT_PASS
from trading_operator.metrics import Metrics
from trading_operator.observed import ObjectKey, ObjectStore
from trading_operator.queue import WorkQueue
from trading_operator.watch import Watcher

log = logging.getLogger(__name__)

DEFINITIONS_SECONDS: Final = 2.0
"""How often it is looked whether the custom resources are served yet."""
BEAT_SECONDS: Final = 1.0


@dataclass(slots=True)
class Workers:
    """Takes keys from the queue and makes passes."""

    queue: WorkQueue[ObjectKey]
    reconcile: Callable[[ObjectKey], Awaitable[None]]
    store: ObjectStore
    metrics: Metrics
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def run(self, count: int) -> None:
        """Make passes until cancelled, so many at a time."""
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                group.create_task(self._work(), name=f"worker {number}")

    async def _work(self) -> None:
        while True:
            key = await self.queue.get()
            try:
                await self._make_pass(key)
            finally:
                self.queue.done(key)

    async def _make_pass(self, key: ObjectKey) -> None:
        body = self.store.get(key)
        generation = body["metadata"].get("generation") if body else None
        CURRENT_PASS.set({"object": str(key), "generation": generation, "pass": next(self._numbers)})
        started = time.monotonic()
        result = "success"
        try:
            await self.reconcile(key)
            self.queue.succeeded(key)
        except WorldError as error:
            result = "retry"
            delay = self.queue.retry(key)
            log.warning("pass failed", extra={"error": str(error), "retry_seconds": round(delay, 2)})
        except Exception:  # one object's fault must not stop the others; it is told and tried again
            result = "error"
            self.queue.retry(key)
            log.exception("pass broke")
        self.metrics.reconcile.labels(key.kind, result).inc()
        self.metrics.reconcile_seconds.labels(key.kind).observe(time.monotonic() - started)
        CURRENT_PASS.set({})


async def wait_for_definitions(client: Client) -> None:
    """Wait until the API server serves our kinds."""
    for kind in (TRADING_SYSTEM, STRATEGY):
        told = False
        while not await _serves(client, kind.plural):
            if not told:
                log.warning("custom resource is not served yet", extra={"kind": kind.kind})
                told = True
            await asyncio.sleep(DEFINITIONS_SECONDS)


async def _serves(client: Client, plural: str) -> bool:
    kind = next(kind for kind in (TRADING_SYSTEM, STRATEGY) if kind.plural == plural)
    try:
        return await client.serves(kind)
    except WorldError as error:
        log.warning("API server does not answer yet", extra={"error": str(error)})
        return False


async def take_stock(client: Client, inbox: Inbox, scopes: Sequence[str | None]) -> None:
    """List every object of ours. Raises WorldError, and then nothing has been dropped."""
    for scope in scopes:
        for kind in (TRADING_SYSTEM, STRATEGY):
            listing = await client.list_all(kind, scope)
            inbox.replace(kind, scope, listing.items, int(listing.version or 0))


async def take_first_stock(client: Client, inbox: Inbox, scopes: Sequence[str | None]) -> None:
    """Take stock, however long the API server takes to let us."""
    while True:
        try:
            await take_stock(client, inbox, scopes)
        except WorldError as error:
            log.warning("objects cannot be listed yet", extra={"error": str(error)})
            await asyncio.sleep(DEFINITIONS_SECONDS)
        else:
            return


async def resync(
    client: Client, inbox: Inbox, writer: Writer, scopes: Sequence[str | None], *, seconds: float, jitter: random.Random
) -> None:
    """Take stock at intervals, for ever: an event that was lost is found, and what was refused is tried once more."""
    while True:
        await asyncio.sleep(seconds * (0.9 + jitter.random() / 5))
        writer.forget_rejections()
        try:
            await take_stock(client, inbox, scopes)
        except WorldError as error:
            log.warning("resync failed", extra={"error": str(error)})


async def measure_watches(watchers: Sequence[Watcher], metrics: Metrics) -> None:
    """Keep the age of the quietest watch in the metrics, for ever."""
    while True:
        now = time.monotonic()
        metrics.watch_age.set(max((now - watcher.heard for watcher in watchers), default=0.0))
        await asyncio.sleep(BEAT_SECONDS)
