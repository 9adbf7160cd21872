"""Events on our own objects, for changes that a person would want to see."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

from trading_operator.api.base import API_VERSION
from trading_operator.cluster.client import Client
from trading_operator.errors import WorldError
from trading_operator.labels import MANAGER
from trading_operator.observed import ObjectKey

log = logging.getLogger(__name__)

REPEAT_SECONDS: Final = 600.0
"""The same words about the same object are not repeated sooner."""
AT_ONCE: Final = 4
MOST_WAITING: Final = 1000
"""Events of an outage that ends; more are left out, since nobody reads them, and the conditions say it anyway."""
_LONGEST_MESSAGE: Final = 1000


@dataclass(slots=True)
class Recorder:
    """Writes Events in the background; one that cannot be written is only logged."""

    client: Client
    clock: Callable[[], float] = time.monotonic
    _told: OrderedDict[tuple[str, str, str], float] = field(default_factory=OrderedDict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def tell(
        self, key: ObjectKey, uid: str, reason: str, message: str, kind: Literal["Normal", "Warning"] = "Normal"
    ) -> None:
        """Write an Event about an object, unless the same was said a short while ago."""
        now = self.clock()
        while self._told and now - next(iter(self._told.values())) >= REPEAT_SECONDS:
            self._told.popitem(last=False)
        if (uid, reason, message) in self._told or len(self._tasks) >= MOST_WAITING:
            return
        self._told[uid, reason, message] = now
        task = asyncio.get_running_loop().create_task(self._post(_event(key, uid, reason, message, kind)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post(self, event: dict[str, object]) -> None:
        try:
            async with self._slots:
                await self.client.post_event(event)
        except WorldError as error:
            log.info("event not written", extra={"error": str(error)})


def _event(key: ObjectKey, uid: str, reason: str, message: str, kind: str) -> dict[str, object]:
    now = datetime.now(UTC)
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{key.name}.{time.time_ns():x}", "namespace": key.namespace},
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": key.kind,
            "namespace": key.namespace,
            "name": key.name,
            "uid": uid,
        },
        "type": kind,
        "reason": reason,
        "message": message[:_LONGEST_MESSAGE],
        "source": {"component": MANAGER},
        "firstTimestamp": stamp,
        "lastTimestamp": stamp,
        "count": 1,
    }
