"""The HTTP session that kopf watches with.

kopf tells nobody of an object that went before it listed the others, at its start or after a watch that expired; who
has to know is told here when a listing has ended.

kopf opens a watch again as soon as it ended without an error. Where something between it and the API server ends each
one at once, that is thousands of requests in a second; here they are spaced.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from trading_operator.cluster.credentials import Credentials

APART_SECONDS: Final = 1.0
"""How far apart the beginnings are of two watches of the same objects."""


@dataclass(frozen=True, slots=True)
class WatchRequests:
    """A middleware of aiohttp's client: shows who we are, and has a watch wait that follows another too soon."""

    credentials: Credentials
    listed: Callable[[], None]
    clock: Callable[[], float] = time.monotonic
    _begun: dict[str, float] = field(default_factory=dict)
    _listing: set[str] = field(default_factory=set)

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request in its time."""
        request.headers.update(self.credentials.headers())
        path = request.url.path
        if "watch" not in request.url.query:
            self._listing.add(path)
            return await handler(request)
        if path in self._listing:
            self._listing.remove(path)
            self.listed()
        await self._space(path)
        return await handler(request)

    async def _space(self, path: str) -> None:
        now = self.clock()
        begins = max(now, self._begun.get(path, float("-inf")) + APART_SECONDS)
        self._begun[path] = begins
        await asyncio.sleep(begins - now)


def open_watch_session(credentials: Credentials, listed: Callable[[], None]) -> aiohttp.ClientSession:
    """Return a session for the running event loop; whoever takes it closes it."""
    connector = aiohttp.TCPConnector(ssl=credentials.ssl_context(), limit=0)
    return aiohttp.ClientSession(connector=connector, middlewares=(WatchRequests(credentials, listed),))
