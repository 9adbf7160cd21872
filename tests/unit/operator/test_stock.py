"""Stock is taken once at the start for everybody, and anew for whoever has to begin anew."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.operator.factories import strategy_body
from trading_operator.cluster.client import Listing
from trading_operator.errors import ForbiddenError
from trading_operator.inbox import Inbox
from trading_operator.kinds import OBJECTS, STRATEGY, Kind
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import Document, ObjectKey
from trading_operator.stock import Stock


class FakeClient:
    """An API server with some strategies, whose version grows with each listing."""

    def __init__(self, *strategies: Document) -> None:
        self.strategies = list(strategies)
        self.version = 0
        self.forbidden: set[str] = set()

    async def serves(self, _: Kind) -> bool:
        return True

    async def pages(self, kind: Kind, namespace: str, *_: object) -> AsyncIterator[Listing]:
        if namespace in self.forbidden:
            raise ForbiddenError(403, "no Role here")
        self.version += 1
        yield Listing(self.strategies if kind == STRATEGY else [], str(self.version), "")


class Shop:
    def __init__(self, *strategies: Document, namespaces: Sequence[str] = ("trading",)) -> None:
        self.fresh: list[ObjectKey] = []
        self.client: Any = FakeClient(*strategies)
        inbox = Inbox(ObjectStore(), self._enqueue, lambda *_: None, lambda _: None)
        self.stock = Stock(self.client, inbox, namespaces, {})

    def _enqueue(self, key: ObjectKey, *, resync: bool = False) -> None:
        if not resync:
            self.fresh.append(key)


async def test_first_stock_is_followed_without_another_listing() -> None:
    shop = Shop(strategy_body())
    await shop.stock.take_first()
    assert [await shop.stock.take_to_follow(kind, "trading") for kind in OBJECTS] == ["1", "2"]
    assert shop.fresh == []


async def test_whoever_has_to_begin_anew_finds_what_came_meanwhile() -> None:
    shop = Shop(strategy_body())
    await shop.stock.take_first()
    await shop.stock.take_to_follow(STRATEGY, "trading")
    shop.client.strategies = [strategy_body("new")]
    assert await shop.stock.take_to_follow(STRATEGY, "trading") == "3"
    assert {key.name for key in shop.fresh if key.kind == STRATEGY.kind} == {"alpha", "new"}
    assert [key.name for key in shop.stock.inbox.store.all_keys()] == ["new"]


async def test_namespace_that_may_not_be_listed_holds_up_no_other() -> None:
    shop = Shop(strategy_body(), namespaces=("elsewhere", "trading"))
    shop.client.forbidden = {"elsewhere"}
    await asyncio.wait_for(shop.stock.take_first(), 1)
    assert [key.name for key in shop.stock.inbox.store.all_keys()] == ["alpha"]
    with pytest.raises(ForbiddenError):
        await shop.stock.take_to_follow(STRATEGY, "elsewhere")


async def test_stock_is_taken_of_every_namespace_though_one_fails() -> None:
    shop = Shop(strategy_body(), namespaces=("elsewhere", "trading"))
    shop.client.forbidden = {"elsewhere"}
    ready: Any = SimpleNamespace(random=lambda: 0.5)
    renewing = asyncio.create_task(shop.stock.take_at_intervals(0.0, ready, lambda: None))
    async with asyncio.timeout(1):
        while not shop.stock.inbox.store.all_keys():  # noqa: ASYNC110 - the state of another task
            await asyncio.sleep(0)
    renewing.cancel()
