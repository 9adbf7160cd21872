"""Children as they change: a paged list, then a watch, for ever.

Of our own rather than kopf's, which spends several times as long on each event. A watch ends by itself after a while;
one that is silent for longer is taken for dead. What the API server no longer knows (410) is listed again.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from trading_operator.cluster.client import Client
from trading_operator.cluster.session import error_for
from trading_operator.errors import ExpiredError, NotFoundError, WorldError
from trading_operator.kinds import Kind
from trading_operator.observed import ChildCache, ChildKey, Document, child_key, trim_child, version_of

log = logging.getLogger(__name__)

STREAM_SECONDS: Final = 25
"""How long the API server keeps one watch open; it sends a bookmark before it ends it."""
SILENCE_SECONDS: Final = 30.0
"""A watch that says nothing for so long is dead."""
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
"""With its jitter still under ten seconds, by when an API server that is back is to be noticed."""

Changed = Callable[[Document], None]


@dataclass(slots=True)
class Watcher:
    """Follows one kind in one namespace, or in all of them, and keeps the cache."""

    client: Client
    cache: ChildCache
    kind: Kind
    namespace: str | None
    selectors: Mapping[str, str]
    changed: Changed
    jitter: random.Random
    clock: Callable[[], float] = time.monotonic
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    heard: float = 0.0
    """When the API server last said something."""
    alive: float = 0.0
    """When this last did something, were it only to fail."""
    _version: str = ""

    async def run(self) -> None:
        """Follow for ever; an error is waited out, longer each time."""
        pause = FIRST_PAUSE
        self.heard = self.clock()
        while True:
            self.alive = self.clock()
            try:
                await self._follow()
                pause = FIRST_PAUSE
            except ExpiredError:
                self._version = ""
            except WorldError as error:
                log.warning("watch interrupted", extra={"kind": self.kind.kind, "error": str(error)})
                if isinstance(error, NotFoundError):
                    self._version = ""
                await asyncio.sleep(pause * (0.5 + self.jitter.random()))
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _follow(self) -> None:
        if not self._version:
            await self._list()
        query = {
            **self.selectors,
            "resourceVersion": self._version,
            "timeoutSeconds": str(STREAM_SECONDS),
        }
        async with self.client.watch(self.kind, self.namespace, query, SILENCE_SECONDS) as lines:
            self.heard = self.clock()
            async for line in lines:
                self.heard = self.alive = self.clock()
                self._take(orjson.loads(line))

    async def _list(self) -> None:
        """Take in every page; only when all are there does what was not listed count as gone."""
        listed: set[ChildKey] = set()
        page = ""
        while True:
            listing = await self.client.list_page(self.kind, self.namespace, selectors=self.selectors, page=page)
            self.heard = self.clock()
            for item in listing.items:
                listed.add(child_key(item))
                self._put(trim_child(item))
            if not (page := listing.next_page):
                break
        for key in self.cache.keys_of_kind(self.kind, self.namespace):
            known = self.cache.get(key)
            if known and key not in listed and version_of(known) <= int(listing.version or 0):
                self.cache.remove(known, int(listing.version or 0))
                self.changed(known)
        self._version = listing.version
        self.synced.set()

    def _take(self, event: dict[str, Any]) -> None:
        document = event["object"]
        if event["type"] == "ERROR":
            raise error_for(int(document.get("code", 500)), str(document.get("message", "")))
        self._version = document["metadata"]["resourceVersion"]
        if event["type"] == "BOOKMARK":
            return
        child = trim_child(document)
        if event["type"] == "DELETED":
            self.cache.remove(child)
            self.changed(child)
        else:
            self._put(child)

    def _put(self, child: Document) -> None:
        if self.cache.put(child):
            self.changed(child)


async def wait_until_synced(watchers: list[Watcher]) -> None:
    """Wait until every kind was listed once."""
    for watcher in watchers:
        await watcher.synced.wait()


async def run_watchers(watchers: list[Watcher]) -> None:
    """Run all of them until cancelled."""
    with suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as group:
            for watcher in watchers:
                group.create_task(watcher.run(), name=f"watch {watcher.kind.plural}")
