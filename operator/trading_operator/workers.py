"""Workers that make passes."""

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from trading_operator.errors import ApiError, WorldError
from trading_operator.logs import CURRENT_PASS
from trading_operator.metrics import Metrics
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import ObjectKey
from trading_operator.queue import WorkQueue

log = logging.getLogger(__name__)

TROUBLE_AFTER: Final = 3
"""Failures in a row after which the object's status says so: a conflict that goes by itself is nobody's concern."""


@dataclass(slots=True)
class Workers:
    """Takes keys from the queue and makes passes."""

    queue: WorkQueue[ObjectKey]
    reconcile: Callable[[ObjectKey], Awaitable[None]]
    report_trouble: Callable[[ObjectKey, ApiError], Awaitable[None]]
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
            await asyncio.sleep(0)  # a pass that has nothing to write awaits nothing: answers and watches go first

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
            await self._try_later(key, error)
        except Exception:  # one object's fault must not stop the others; it is told and tried again
            result = "error"
            self.queue.retry(key)
            log.exception("pass broke")
        self.metrics.reconcile.labels(key.kind, result).inc()
        self.metrics.reconcile_seconds.labels(key.kind).observe(time.monotonic() - started)
        CURRENT_PASS.set({})

    async def _try_later(self, key: ObjectKey, error: WorldError) -> None:
        delay = self.queue.retry(key, at_least=error.retry_after if isinstance(error, ApiError) else 0.0)
        log.warning("pass failed", extra={"error": str(error), "retry_seconds": round(delay, 2)})
        if isinstance(error, ApiError) and self.queue.failures(key) >= TROUBLE_AFTER:
            with suppress(WorldError):
                await self.report_trouble(key, error)
