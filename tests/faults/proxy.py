"""A front of the API server for one life of one operator: plain HTTP to the operator, TLS to the API server.

The operator's own token goes through, so that it has the rights that it has. What is done with a request is the rule's
decision.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from aiohttp import web

from tests.faults.apiserver import ApiServer
from tests.faults.exchange import Exchange
from tests.faults.ledger import Ledger
from tests.faults.rules import Rule
from tests.faults.stream import Stream

ADDRESS: Final = "127.0.0.1"


@dataclass(slots=True)
class Proxy:
    """Listens on a port of its own."""

    api_server: ApiServer
    ledger: Ledger
    rule: Rule
    streams: set[Stream] = field(default_factory=set)
    _web: web.Server | None = None
    _listener: asyncio.Server | None = None

    async def open(self) -> str:
        """Start to listen, and return the URL for a kubeconfig."""
        # A watch whose operator is gone must end at once, not when the API server says something next.
        self._web = web.Server(self._answer, handler_cancellation=True, access_log=None)
        self._listener = await asyncio.get_running_loop().create_server(self._web, ADDRESS, 0)
        return f"http://{ADDRESS}:{self._listener.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Drop every connection and stop to listen."""
        if self._listener and self._web:
            self._listener.close()
            await self._web.shutdown(timeout=0)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        is_watch = request.query.get("watch") == "true"
        with self.ledger.entry(request.method, request.path, await request.read(), is_watch=is_watch) as sent:
            exchange = Exchange(request, sent, self.api_server, self.streams)
            try:
                if is_watch:
                    return await self.rule.answer(exchange)
                # What was received is carried out, also when the operator dies meanwhile: a network takes nothing back.
                return await asyncio.shield(self.rule.answer(exchange))
            except (aiohttp.ClientError, ConnectionError):
                return exchange.hang_up()  # the API server is away, or the operator: each sees the other end hang up
