"""What the proxy does with requests: rules, which can be exchanged while an operator runs."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from aiohttp import web

from tests.faults.exchange import Exchange
from tests.faults.ledger import Sent

Applies = Callable[[Sent], bool]


class Rule(Protocol):
    """Decides about requests."""

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        """Answer a request in some way."""


class PassOn:
    """No fault."""

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        return await exchange.forward()


PASS_ON: Final = PassOn()


def writes(sent: Sent) -> bool:
    return sent.is_write


def watches(sent: Sent) -> bool:
    return sent.is_watch


def everything(_: Sent) -> bool:
    return True


@dataclass(slots=True)
class Hitting:
    """A fault for some requests; the others pass. Counts its hits, so that a test can tell that there was a fault."""

    applies: Applies
    hits: int = field(default=0, init=False)

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        """Answer badly what this rule is for."""
        if not self.applies(exchange.sent):
            return await exchange.forward()
        self.hits += 1
        return await self.hit(exchange)

    async def hit(self, exchange: Exchange) -> web.StreamResponse:
        """Answer badly. Rules differ in this alone."""
        raise NotImplementedError


@dataclass(slots=True)
class Refuse(Hitting):
    """Answers with an error that the API server never heard of."""

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)

    async def hit(self, exchange: Exchange) -> web.StreamResponse:
        return exchange.refuse(self.status, self.headers)


class Reset(Hitting):
    """Resets the connection before the request reaches the API server."""

    async def hit(self, exchange: Exchange) -> web.StreamResponse:
        return exchange.reset()


class LoseReply(Hitting):
    """Lets the request through, and hangs up instead of answering."""

    async def hit(self, exchange: Exchange) -> web.StreamResponse:
        return await exchange.lose_reply()


class Hang(Hitting):
    """Says nothing at all."""

    async def hit(self, exchange: Exchange) -> web.StreamResponse:
        return await exchange.never()


@dataclass(slots=True)
class Delay(Hitting):
    """Lets the request through, late."""

    seconds: float = 1.0

    async def hit(self, exchange: Exchange) -> web.StreamResponse:
        await asyncio.sleep(self.seconds)
        return await exchange.forward()


class EndAtOnce(Hitting):
    """Answers a watch well, and ends it before it said anything."""

    async def hit(self, exchange: Exchange) -> web.StreamResponse:
        return exchange.end_at_once()
