"""The rule of one point: everything passes but one write, at which the fault happens."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.faults.exchange import Exchange
from tests.faults.points import Fault, Point


@dataclass(slots=True)
class Strike:
    """Waits for a write and strikes once."""

    point: Point
    kill: Callable[[], None]
    """Kills the operator at once."""
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: int = 0
    _fallen: bool = False

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        """Pass requests on, save the one; after a kill nothing passes that was still on the wire."""
        if self._fallen:
            return exchange.hang_up()
        if str(exchange.sent) != self.point.write:
            return await exchange.forward()
        self._seen += 1
        return await (self._strike(exchange) if self._seen == self.point.occurrence else exchange.forward())

    async def _strike(self, exchange: Exchange) -> web.StreamResponse:
        if self.point.fault is not Fault.KILLED_BEFORE:
            await exchange.complete()
        if self.point.fault.kills:
            self._fallen = True
            self.kill()
        self.struck.set()
        return exchange.hang_up()
