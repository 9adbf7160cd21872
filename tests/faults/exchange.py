"""One request of an operator, and the ways in which it can be answered, well or badly."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from tests.faults.apiserver import ApiServer
from tests.faults.ledger import Sent
from tests.faults.stream import Stream

_HOP_BY_HOP: Final = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})
"""Headers that are about one connection; the proxy has two of them."""
_RESET_WHEN_CLOSED: Final = struct.pack("ii", 1, 0)
_REASONS: Final = {
    401: "Unauthorized",
    403: "Forbidden",
    409: "Conflict",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that waits for its answer."""

    request: web.BaseRequest
    sent: Sent
    api_server: ApiServer
    streams: set[Stream]

    async def forward(self) -> web.StreamResponse:
        """Pass the request to the API server and its answer back, as it comes."""
        async with self._asked() as answer:
            if self.sent.is_watch:
                return await self._stream(answer)
            return web.Response(status=answer.status, headers=_passed_on(answer.headers), body=await answer.read())

    async def lose_reply(self) -> web.StreamResponse:
        """Have the API server do what is asked, and never tell."""
        await self.complete()
        return self.hang_up()

    async def complete(self) -> None:
        """Have the API server do what is asked, to the end of its answer."""
        async with self._asked() as answer:
            await answer.read()

    def hang_up(self) -> web.StreamResponse:
        """Close the connection without an answer."""
        if self.request.transport:
            self.request.transport.abort()
        return web.Response()

    def reset(self) -> web.StreamResponse:
        """Close the connection by a TCP reset."""
        if self.request.transport:
            connection = self.request.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_WHEN_CLOSED)
        return self.hang_up()

    def refuse(self, status: int, headers: Mapping[str, str] | None = None) -> web.StreamResponse:
        """Answer with an error, as the API server words it, without asking it."""
        told = {
            "apiVersion": "v1",
            "kind": "Status",
            "status": "Failure",
            "reason": _REASONS[status],
            "code": status,
            "message": f"a fault that is meant: {status}",
        }
        return web.json_response(told, status=status, headers=headers)

    def end_at_once(self) -> web.StreamResponse:
        """Answer that all is well, and say nothing."""
        return web.Response(content_type="application/json")

    async def never(self) -> web.StreamResponse:
        """Neither ask nor answer; ends when the operator has had enough."""
        await asyncio.Event().wait()
        raise AssertionError("nothing sets this event")

    def _asked(self) -> "aiohttp.client._RequestContextManager":
        return self.api_server.for_others.request(
            self.request.method,
            self.request.rel_url,
            data=self.sent.body or None,
            headers=_passed_on(self.request.headers),
        )

    async def _stream(self, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        stream = Stream(web.StreamResponse(status=answer.status, headers=_passed_on(answer.headers)))
        await stream.response.prepare(self.request)
        self.streams.add(stream)
        try:
            return await stream.pass_on(answer.content.iter_any())
        finally:
            self.streams.discard(stream)


def _passed_on(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP)
