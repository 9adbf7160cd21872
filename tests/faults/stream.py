"""Watches as they pass through the proxy: each can fall silent, be ended with a last word, or be cut."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

EXPIRED: Final = json.dumps(
    {
        "type": "ERROR",
        "object": {
            "apiVersion": "v1",
            "kind": "Status",
            "status": "Failure",
            "reason": "Expired",
            "code": 410,
            "message": "too old resource version",
        },
    }
).encode()
"""The last word of a watch whose version the API server no longer knows."""


@dataclass(eq=False, slots=True)
class Stream:
    """One answer that is passed on piece by piece."""

    response: web.StreamResponse
    _silent: bool = False
    _last_word: "asyncio.Future[bytes]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def fall_silent(self) -> None:
        """Pass nothing on any more and never end, as a connection does whose other end is gone without a word."""
        self._silent = True

    def end(self, last_word: bytes = b"") -> None:
        """End in an orderly way, after a last line."""
        if not self._last_word.done():
            self._last_word.set_result(last_word)

    async def pass_on(self, pieces: AsyncIterator[bytes]) -> web.StreamResponse:
        """Pass everything on until the other end, or the harness, has had enough."""
        reading = asyncio.ensure_future(self._read(pieces))
        try:
            waiting: set[asyncio.Future[Any]] = {reading, self._last_word}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if self._last_word.done():
                await self.response.write(self._last_word.result() + b"\n")
            else:
                await reading
        finally:
            reading.cancel()
        await self.response.write_eof()
        return self.response

    async def _read(self, pieces: AsyncIterator[bytes]) -> None:
        async for piece in pieces:
            if not self._silent:
                await self.response.write(piece)
        if self._silent:
            await asyncio.Event().wait()
