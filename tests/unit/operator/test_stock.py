"""Stock is taken once at the start for everybody, and anew for whoever has to begin anew."""

from collections.abc import AsyncIterator
from typing import Any

from tests.unit.operator.factories import strategy_body
from trading_operator.cluster.client import Listing
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

    async def serves(self, _: Kind) -> bool:
        return True

    async def pages(self, kind: Kind, *_: object) -> AsyncIterator[Listing]:
        self.version += 1
        yield Listing(self.strategies if kind == STRATEGY else [], str(self.version), "")


class Shop:
    def __init__(self, *strategies: Document) -> None:
        self.fresh: list[ObjectKey] = []
        self.client: Any = FakeClient(*strategies)
        inbox = Inbox(ObjectStore(), self._enqueue, lambda *_: None, lambda _: None)
        self.stock = Stock(self.client, inbox, ["trading"], {})

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
