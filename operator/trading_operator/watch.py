"""Children as they change: a paged list, then a watch, for ever.

Of our own rather than kopf's, which spends several times as long on each event. A watch ends by itself after a while;
one that is silent for longer is taken for dead. What the API server no longer knows (410) is listed again, and a kind
that it does not serve (404) is looked for again and again.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from trading_operator.capabilities import Capabilities
from trading_operator.childcache import ChildCache
from trading_operator.cluster.client import Client
from trading_operator.cluster.session import error_for, read
from trading_operator.errors import ExpiredError, ForbiddenError, NotFoundError, WorldError
from trading_operator.kinds import Kind
from trading_operator.observed import ChildKey, Document, child_key, concerned, trim_child, version_of

log = logging.getLogger(__name__)

STREAM_SECONDS: Final = 25
"""How long the API server keeps one watch open; it sends a bookmark before it ends it."""
SILENCE_SECONDS: Final = 30.0
"""A watch that says nothing for so long is dead."""
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
"""With its jitter still under ten seconds, by when an API server that is back is to be noticed."""

ABSENT_PAUSE: Final = 5.0
"""How often it is looked whether a kind that is not served is served by now."""
SHORT_SECONDS: Final = 1.0
"""A watch that ends sooner is as good as one that fails: another at once would be a hot loop."""

Changed = Callable[[Document], None]


@dataclass(slots=True)
class Watcher:
    """Follows one kind in one namespace, or in all of them, and keeps the cache."""

    client: Client
    cache: ChildCache
    capabilities: Capabilities
    kind: Kind
    namespace: str | None
    selectors: Mapping[str, str]
    changed: Changed
    jitter: random.Random
    clock: Callable[[], float] = time.monotonic
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the API server has said what there is, or that we may not know."""
    refused: ForbiddenError | None = None
    """What it said, where we may not know."""
    heard: float = 0.0
    """When the API server last said something."""
    alive: float = 0.0
    """When this last did something, were it only to fail."""
    _version: str = ""
    _pause: float = FIRST_PAUSE

    async def run(self) -> None:
        """Follow for ever; an error is waited out, longer each time."""
        self.heard = self.clock()
        while True:
            self.alive = self.clock()
            try:
                await self._follow()
            except NotFoundError:
                self._find_absent()
                await asyncio.sleep(ABSENT_PAUSE * (0.5 + self.jitter.random()))
            except WorldError as error:
                if isinstance(error, ExpiredError):
                    self._version = ""
                elif isinstance(error, ForbiddenError):
                    self.refused = error
                    self.answered.set()
                log.warning("watch interrupted", extra={"kind": self.kind.kind, "error": str(error)})
                await self._wait()

    async def _follow(self) -> None:
        if not self._version:
            await self._list()
        query = {
            **self.selectors,
            "resourceVersion": self._version,
            "timeoutSeconds": str(STREAM_SECONDS),
        }
        began = self.clock()
        async with self.client.watch(self.kind, self.namespace, query, SILENCE_SECONDS) as lines:
            self.heard = self.clock()
            async for line in lines:
                self.heard = self.alive = self.clock()
                self._take(read(line))
                self._pause = FIRST_PAUSE
        if self.clock() - began < SHORT_SECONDS:
            await self._wait()

    async def _wait(self) -> None:
        """Let some time pass, more each time that nothing was heard in between."""
        await asyncio.sleep(self._pause * (0.5 + self.jitter.random()))
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _find_absent(self) -> None:
        """Take in that the kind is not served: nothing is there of it, and nothing need be waited for."""
        self._version, self.heard = "", self.clock()
        self.forget_all()
        self._know(served=False)

    def forget_all(self) -> None:
        """Drop from the cache whatever this watch has put there."""
        for key in self.cache.keys_of_kind(self.kind, self.namespace):
            self.cache.forget(key)

    async def _list(self) -> None:
        """Take in every page; only when all are there does what was not listed count as gone."""
        listed: set[ChildKey] = set()
        version = ""
        async for page in self.client.pages(self.kind, self.namespace, self.selectors):
            self.heard = self.clock()
            version = page.version
            for item in page.items:
                listed.add(child_key(item))
                self._put(trim_child(item))
        for key in self.cache.keys_of_kind(self.kind, self.namespace):
            known = self.cache.get(key)
            if known and key not in listed and version_of(known) <= int(version or 0):
                self.cache.remove(known, int(version or 0))
                self.changed(known)
        self._version = version
        self._know(served=True)

    def _know(self, *, served: bool) -> None:
        self.refused = None
        self.capabilities.note(self.kind, served=served)
        self.synced.set()
        self.answered.set()

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
        """Keep a child, and tell of it; of what it was too, where somebody took it from its owner."""
        before = self.cache.get(child_key(child))
        if self.cache.put(child):
            self.changed(child)
            if before and concerned(before) != concerned(child):
                self.changed(before)
