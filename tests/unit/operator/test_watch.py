"""The watch against an HTTP server that answers as the API server does, and misbehaves as it is told."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from tests.unit.operator.factories import as_seen, children, make_system
from trading_operator import watch as watching
from trading_operator.capabilities import Capabilities
from trading_operator.childcache import ChildCache
from trading_operator.cluster.client import Client
from trading_operator.cluster.session import Session
from trading_operator.kinds import SERVICE
from trading_operator.metrics import Metrics
from trading_operator.observed import Document, ObjectKey, concerned
from trading_operator.watch import Watcher

SYSTEM = ObjectKey("TradingSystem", "trading", "desk")
Stream = list[Document | float | str]
"""What one watch says: events, pauses in seconds, or `reset`."""


@dataclass
class FakeApi:
    """Lists and streams, in the order in which they are asked for."""

    lists: list[Document | int] = field(default_factory=list)
    streams: list[Stream | int] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        self.asked.append(query)
        if query.get("watch") != "true":
            found = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
            return web.json_response({}, status=found) if isinstance(found, int) else web.json_response(found)
        stream = self.streams.pop(0) if self.streams else [30.0]
        if isinstance(stream, int):
            return web.json_response({"message": "no", "code": stream}, status=stream)
        return await self._stream(request, stream)

    async def _stream(self, request: web.Request, stream: Stream) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for part in stream:
            if part == "reset":
                assert request.transport
                request.transport.abort()
                break
            if isinstance(part, float):
                await asyncio.sleep(part)
            else:
                line = json.dumps(part).encode() + b"\n"
                await response.write(line[:20])  # events come in pieces
                await response.write(line[20:])
        return response

    @property
    def watched_from(self) -> list[str]:
        return [query["resourceVersion"] for query in self.asked if query.get("watch")]


def service(name: str, version: int) -> Document:
    return as_seen(children(make_system())[f"Service/{name}"], version=version)


def listing(*items: Document, version: int, next_page: str = "") -> Document:
    bare = [{key: value for key, value in item.items() if key not in {"kind", "apiVersion"}} for item in items]
    return {"items": bare, "metadata": {"resourceVersion": str(version), "continue": next_page}}


def event(kind: str, document: Document) -> Document:
    return {"type": kind, "object": document}


def bookmark(version: int) -> Document:
    return event("BOOKMARK", {"kind": "Service", "apiVersion": "v1", "metadata": {"resourceVersion": str(version)}})


@dataclass
class Following:
    api: FakeApi
    watcher: Watcher
    changes: list[str]
    concerned: list[set[ObjectKey]]

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not holds():  # noqa: ASYNC110 - it is the state that is waited for, of another task
                await asyncio.sleep(0.01)

    def names(self) -> set[str]:
        return {key.name for key in self.watcher.cache.keys_of_kind(SERVICE, None)}


@asynccontextmanager
async def following(api: FakeApi) -> AsyncIterator[Following]:
    app = web.Application()
    app.router.add_get("/api/v1/namespaces/trading/services", api.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    credentials: Any = SimpleNamespace(server=f"http://{host}:{port}", headers=dict, ssl_context=lambda: None)
    credentials.ssl_context = lambda: True
    changes: list[str] = []
    owners: list[set[ObjectKey]] = []

    def changed(child: Document) -> None:
        changes.append(child["metadata"]["name"])
        owners.append(concerned(child))

    async with Session(credentials, Metrics()) as session:
        watcher = Watcher(
            Client(session),
            ChildCache(),
            Capabilities(lambda: changes.append("capabilities")),
            SERVICE,
            "trading",
            {"labelSelector": "a=b"},
            changed,
            random.Random(1),  # noqa: S311 - a seeded one, so that tests repeat
        )
        task = asyncio.create_task(watcher.run())
        try:
            yield Following(api, watcher, changes, owners)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await runner.cleanup()


async def test_pages_are_listed_and_events_followed() -> None:
    api = FakeApi(
        lists=[
            listing(service("redis-service", 5), version=10, next_page="two"),
            listing(service("data-service", 6), version=10),
        ],
        streams=[[event("ADDED", service("signal-service", 11)), event("DELETED", service("redis-service", 12)), 30.0]],
    )
    async with following(api) as found:
        await found.until(lambda: found.names() == {"data-service", "signal-service"})
        assert found.changes == ["redis-service", "data-service", "signal-service", "redis-service"]
    assert api.asked[0]["labelSelector"] == "a=b"
    assert api.asked[1]["continue"] == "two"
    assert api.watched_from == ["10"]
    assert api.asked[2]["allowWatchBookmarks"] == "true"


async def test_news_of_a_child_that_somebody_took_reach_its_former_owner() -> None:
    taken = service("redis-service", 11)
    taken["metadata"] |= {"labels": {}, "ownerReferences": [{"kind": "Thief", "name": "x", "controller": True}]}
    api = FakeApi(lists=[listing(service("redis-service", 5), version=10)], streams=[[event("MODIFIED", taken), 30.0]])
    async with following(api) as found:
        await found.until(lambda: len(found.changes) >= 3)
        assert found.concerned == [{SYSTEM}, set(), {SYSTEM}]


async def test_watch_that_ends_goes_on_from_the_bookmark_without_a_list() -> None:
    api = FakeApi(lists=[listing(version=10)], streams=[[bookmark(40)], [30.0]])
    async with following(api) as found:
        await found.until(lambda: api.watched_from == ["10", "40"])
    assert len([query for query in api.asked if "watch" not in query]) == 1


@pytest.mark.parametrize(
    "first",
    [410, [event("ERROR", {"kind": "Status", "code": 410, "message": "too old"})]],
    ids=["answer", "event"],
)
async def test_history_that_is_gone_is_listed_again_and_what_vanished_meanwhile_is_noticed(first: Any) -> None:
    api = FakeApi(
        lists=[listing(service("redis-service", 5), version=10), listing(service("data-service", 20), version=30)],
        streams=[first, [30.0]],
    )
    async with following(api) as found:
        await found.until(lambda: found.names() == {"data-service"})
        assert found.changes == ["redis-service", "data-service", "redis-service"]


@pytest.mark.parametrize("trouble", [500, 429, ["reset"]], ids=["500", "429", "reset"])
async def test_trouble_is_waited_out(trouble: Any) -> None:
    api = FakeApi(lists=[listing(version=10)], streams=[trouble, [event("ADDED", service("redis-service", 11)), 30.0]])
    async with following(api) as found:
        await found.until(lambda: found.names() == {"redis-service"})
    assert api.watched_from == ["10", "10"]


async def test_silent_watch_is_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SILENCE_SECONDS", 0.1)
    api = FakeApi(lists=[listing(version=10)], streams=[[5.0], [event("ADDED", service("redis-service", 11)), 5.0]])
    async with following(api) as found:
        await found.until(lambda: found.names() == {"redis-service"})


async def test_answer_is_a_listing_or_that_there_is_no_right_to_it() -> None:
    api = FakeApi(lists=[503, 403, listing(version=10)], streams=[[30.0]])
    async with following(api) as found:
        await found.until(lambda: len(api.asked) == 1)
        assert not found.watcher.answered.is_set()
        await found.until(found.watcher.answered.is_set)
        assert (len(api.asked), found.watcher.synced.is_set()) == (2, False)
        await found.until(found.watcher.synced.is_set)


async def test_failed_list_drops_nothing() -> None:
    api = FakeApi(
        lists=[
            listing(service("redis-service", 5), version=10),
            500,
            500,
            listing(service("redis-service", 5), version=50),
        ],
        streams=[410, [30.0]],
    )
    async with following(api) as found:
        await found.until(lambda: "50" in api.watched_from)
        assert found.names() == {"redis-service"}
        assert found.changes == ["redis-service"]


async def test_listing_does_not_drop_what_was_written_after_it() -> None:
    api = FakeApi(lists=[listing(version=10)], streams=[410, [30.0]])
    async with following(api) as found:
        await found.until(found.watcher.synced.is_set)
        found.watcher.cache.put(service("redis-service", 99))
        await found.until(lambda: len(api.watched_from) == 2)
        assert found.names() == {"redis-service"}


async def test_kind_that_is_not_served_is_looked_for_until_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "ABSENT_PAUSE", 0.05)
    api = FakeApi(lists=[404, 404, listing(service("redis-service", 5), version=10)], streams=[[30.0]])
    async with following(api) as found:
        await found.until(found.watcher.synced.is_set)
        assert not found.watcher.capabilities.serves(SERVICE)
        await found.until(lambda: found.names() == {"redis-service"})
        assert found.watcher.capabilities.serves(SERVICE)
    assert found.changes == ["capabilities", "redis-service", "capabilities"]


async def test_kind_that_goes_takes_its_children_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "ABSENT_PAUSE", 0.05)
    api = FakeApi(lists=[listing(service("redis-service", 5), version=10), 404], streams=[404])
    async with following(api) as found:
        await found.until(lambda: not found.watcher.capabilities.serves(SERVICE))
        assert found.names() == set()


@pytest.mark.parametrize("trouble", [[410] * 99, [[]] * 99], ids=["410", "ends-at-once"])
async def test_watch_that_never_gets_anywhere_is_no_hot_loop(trouble: Any) -> None:
    api = FakeApi(lists=[listing(version=10)], streams=trouble)
    async with following(api) as found:
        await found.until(lambda: len(api.watched_from) >= 2)
        await asyncio.sleep(1)
    assert len(api.watched_from) <= 6
