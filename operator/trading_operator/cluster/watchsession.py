"""The HTTP session that kopf watches with.

kopf would list our objects before it watches them, read each of them once more for that, and tell nobody what went
before. It is made to go on from a listing of ours instead: what is in it, and what is not, is known.

kopf shows nobody whether it is alive: it may hang in its own end, or watch nothing because it found nothing to watch.
Each of its requests is a sign of life that is noted here.

kopf opens a watch again as soon as it ended without an error. Where something between it and the API server ends each
one at once, that is thousands of requests in a second; here they are spaced.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import aiohttp
from yarl import URL

from trading_operator.cluster.credentials import Credentials
from trading_operator.errors import WorldError
from trading_operator.kinds import Kind

APART_SECONDS: Final = 1.0
"""How far apart the beginnings are of two watches of the same objects."""
ANEW_SECONDS: Final = 5.0
"""How long a watch waits that has to begin anew: a listing costs more than a request."""

_INITIAL: Final = "sendInitialEvents"
"""The parameter of a watch that is to send everything first."""

TakeStock = Callable[[Kind, str | None], Awaitable[str]]
"""Has a kind listed, in a namespace or in all, and returns the version as of which that was. Raises WorldError."""


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


def beat(pulses: Iterable[Pulse], now: float | None = None) -> None:
    """Note that kopf is alive, as far as these watches go."""
    for pulse in pulses:
        pulse.alive = time.monotonic() if now is None else now


@dataclass(frozen=True, slots=True)
class WatchRequests:
    """A middleware of aiohttp's client: shows who we are, and has watches begin where and when they should."""

    credentials: Credentials
    take_stock: TakeStock
    pulses: Sequence[Pulse]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _begun: dict[str, float] = field(default_factory=dict)

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request in its time."""
        own = [pulse for pulse in self.pulses if pulse.path == request.url.path]
        # Before kopf watches, it asks what there is: that is a sign of life for all that is to be watched.
        beat(own or self.pulses, self.clock())
        if "watch" in request.url.query:
            begins_anew = _INITIAL in request.url.query
            await self._space(request.url.path, ANEW_SECONDS if begins_anew else APART_SECONDS)
            if begins_anew and own:
                request.url = await self._from_stock(request.url, own[0])
        request.headers.update(self.credentials.headers())
        response = await handler(request)
        if response.status == HTTPStatus.UNAUTHORIZED:
            # kopf would log in anew at once, over and over, with what it was just refused.
            response.close()
            raise aiohttp.ClientConnectionError(f"{request.url.path}: the API server does not know who asks (401)")
        if response.ok:
            for pulse in own:
                pulse.heard = self.clock()
        return response

    async def _from_stock(self, url: URL, pulse: Pulse) -> URL:
        """Return the URL of a watch that goes on from a listing, in place of one that would send everything first."""
        try:
            version = await self.take_stock(pulse.kind, pulse.namespace)
        except WorldError as error:
            raise aiohttp.ClientConnectionError(str(error)) from error  # which kopf waits out
        return url.without_query_params(_INITIAL, "resourceVersionMatch").update_query(resourceVersion=version)

    async def _space(self, path: str, apart: float) -> None:
        now = self.clock()
        begins = max(now, self._begun.get(path, float("-inf")) + apart)
        self._begun[path] = begins
        await self.sleep(begins - now)


def open_watch_session(
    credentials: Credentials, take_stock: TakeStock, pulses: Sequence[Pulse]
) -> aiohttp.ClientSession:
    """Return a session for the running event loop; whoever takes it closes it."""
    connector = aiohttp.TCPConnector(ssl=credentials.ssl_context(), limit=0)
    return aiohttp.ClientSession(connector=connector, middlewares=(WatchRequests(credentials, take_stock, pulses),))
