"""The HTTP session that kopf watches with.

kopf tells nobody of an object that went before it listed the others, at its start or after a watch that expired; who
has to know is told here when a listing has ended.

kopf shows nobody whether it is alive: it may hang in its own end, or watch nothing because it found nothing to watch.
Each of its requests is a sign of life that is noted here.

kopf opens a watch again as soon as it ended without an error. Where something between it and the API server ends each
one at once, that is thousands of requests in a second; here they are spaced.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from trading_operator.cluster.credentials import Credentials
from trading_operator.kinds import Kind

APART_SECONDS: Final = 1.0
"""How far apart the beginnings are of two watches of the same objects."""


@dataclass(slots=True)
class Pulse:
    """Signs of life of kopf's watch of one kind, in one namespace or in all: given in its thread, read in another."""

    kind: Kind
    namespace: str | None
    heard: float = field(default_factory=time.monotonic)
    """When the API server last answered."""
    alive: float = field(default_factory=time.monotonic)
    """When kopf last asked, were it in vain."""

    @property
    def path(self) -> str:
        """The URL path that is listed and watched."""
        return self.kind.path(self.namespace)


@dataclass(frozen=True, slots=True)
class WatchRequests:
    """A middleware of aiohttp's client: shows who we are, and has a watch wait that follows another too soon."""

    credentials: Credentials
    listed: Callable[[], None]
    pulses: Sequence[Pulse]
    clock: Callable[[], float] = time.monotonic
    _begun: dict[str, float] = field(default_factory=dict)
    _listing: set[str] = field(default_factory=set)

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request in its time."""
        request.headers.update(self.credentials.headers())
        path = request.url.path
        own = [pulse for pulse in self.pulses if pulse.path == path]
        # Before kopf lists and watches, it asks what there is: that is a sign of life for all that is to be watched.
        for pulse in own or self.pulses:
            pulse.alive = self.clock()
        if "watch" not in request.url.query:
            self._listing.add(path)
        else:
            if path in self._listing:
                self._listing.remove(path)
                self.listed()
            await self._space(path)
        response = await handler(request)
        if response.ok:
            for pulse in own:
                pulse.heard = self.clock()
        return response

    async def _space(self, path: str) -> None:
        now = self.clock()
        begins = max(now, self._begun.get(path, float("-inf")) + APART_SECONDS)
        self._begun[path] = begins
        await asyncio.sleep(begins - now)


def open_watch_session(
    credentials: Credentials, listed: Callable[[], None], pulses: Sequence[Pulse]
) -> aiohttp.ClientSession:
    """Return a session for the running event loop; whoever takes it closes it."""
    connector = aiohttp.TCPConnector(ssl=credentials.ssl_context(), limit=0)
    return aiohttp.ClientSession(connector=connector, middlewares=(WatchRequests(credentials, listed, pulses),))
