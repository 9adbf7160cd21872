import asyncio
import json
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import kopf
import pytest
from aiohttp import web

from tests.unit.operator.factories import strategy_body, system_body
from trading_operator.cluster.watchsession import Pulse
from trading_operator.handlers.process import build_registry, build_settings, follow_objects
from trading_operator.kinds import OBJECTS, STRATEGY, Kind


def credentials() -> Any:
    """Nobody logs in here."""


@pytest.fixture
def without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """kopf takes some seconds to end; nobody waits for it."""
    monkeypatch.setattr("trading_operator.handlers.process.ENDING_SECONDS", 0.05)


class FakeStock:
    """A stock that is taken as of version 7, once every kind is served."""

    def __init__(self) -> None:
        self.served = asyncio.Event()
        self.served.set()
        self.taken: list[str] = []
        self.events: list[Any] = []
        self.inbox = SimpleNamespace(take=lambda *event: self.events.append(event))

    async def take_to_follow(self, kind: Kind, _: str | None) -> str:
        self.taken.append(kind.plural)
        return "7"

    async def wait_for_definitions(self) -> None:
        await self.served.wait()


def registry_of(take: Any = lambda *_: None, stock: FakeStock | None = None, pulses: Any = ()) -> kopf.OperatorRegistry:
    stock = stock or FakeStock()
    return build_registry(take, stock.take_to_follow, stock.wait_for_definitions, pulses, credentials)


def test_kopf_keeps_nothing_and_posts_nothing() -> None:
    settings = build_settings()
    body = kopf.Body(system_body())
    storage = settings.persistence.diffbase_storage
    assert storage.fetch(body=body) is None
    assert storage.build(body=body) == {}
    patch = kopf.Patch()
    storage.store(body=body, patch=patch, essence=storage.build(body=body))
    progress: Any = settings.persistence.progress_storage
    progress.touch(body=body, patch=patch, value="x")
    assert not patch
    assert settings.posting.enabled is False
    assert settings.peering.standalone is True


def test_no_handler_needs_a_finalizer_or_detects_changes() -> None:
    registry = registry_of()
    assert not list(registry._changing.get_all_handlers())
    assert not list(registry._spawning.get_all_handlers())
    assert {handler.id for handler in registry._watching.get_all_handlers()} == {"tradingsystems", "strategies"}


def test_event_is_handed_over_as_it_is() -> None:
    taken: list[tuple[str | None, dict[str, Any]]] = []
    registry = registry_of(lambda kind, body: taken.append((kind, body)))
    handler, *_ = registry._watching.get_all_handlers()
    call: Any = handler.fn(event={"type": None, "object": {"a": 1}}, logger=None)
    with pytest.raises(StopIteration) as ended:
        call.send(None)
    assert ended.value.value is None, "what a handler returns kopf would write into the status"
    assert taken == [(None, {"a": 1})]


@pytest.mark.usefixtures("without_patience")
async def test_kopf_that_hangs_in_its_end_does_not_keep_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    started, released = threading.Event(), threading.Event()

    async def hang(**_: object) -> None:
        started.set()
        await asyncio.to_thread(released.wait)

    monkeypatch.setattr("trading_operator.handlers.frame.kopf.operator", hang)
    stock: Any = FakeStock()
    following = asyncio.create_task(follow_objects(stock, (), credentials, ("trading",)))
    await asyncio.to_thread(started.wait)
    following.cancel()
    await asyncio.wait({following}, timeout=5)
    released.set()
    assert following.cancelled()


@pytest.mark.usefixtures("without_patience")
async def test_kopf_that_hangs_is_left_alone_and_another_one_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after its definitions were deleted: it waits in its own end for a task that never ends."""
    started, released = threading.Semaphore(0), threading.Event()

    async def hang(**_: object) -> None:
        started.release()
        await asyncio.to_thread(released.wait)

    monkeypatch.setattr("trading_operator.handlers.frame.kopf.operator", hang)
    monkeypatch.setattr("trading_operator.handlers.process.HUNG_SECONDS", 0.1)
    monkeypatch.setattr("trading_operator.handlers.process.BEAT_SECONDS", 0.01)
    stock: Any = FakeStock()
    pulses = [Pulse(kind, "trading") for kind in OBJECTS]
    following = asyncio.create_task(follow_objects(stock, pulses, credentials, ("trading",)))
    for _ in range(3):
        assert await asyncio.to_thread(started.acquire, timeout=5)
    following.cancel()
    await asyncio.wait({following}, timeout=5)
    released.set()
    assert following.cancelled()


async def test_kopf_waits_until_every_kind_is_served_and_is_alive_meanwhile() -> None:
    stock, pulse = FakeStock(), Pulse(STRATEGY, "trading", alive=0.0)
    stock.served.clear()
    registry = registry_of(stock=stock, pulses=[pulse])
    (handler,) = [handler for handler in registry._activities.get_all_handlers() if handler.id == "served"]
    call: Any = handler.fn
    waiting = asyncio.create_task(call())
    async with asyncio.timeout(5):
        while not pulse.alive:  # noqa: ASYNC110 - it is a sign of life that is waited for
            await asyncio.sleep(0)
    assert not waiting.done()
    stock.served.set()
    await asyncio.wait_for(waiting, 5)


async def serve(answer: Callable[[web.Request], web.Response]) -> tuple[web.AppRunner, Any]:
    """Return an API server that answers as it is told, and credentials for it."""

    async def handle(request: web.Request) -> web.Response:
        return answer(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port, *_ = runner.addresses[0]
    return runner, SimpleNamespace(server=f"http://{host}:{port}", ssl_context=lambda: None, headers=dict)


async def follow_until(
    answer: Callable[[web.Request], web.Response], holds: Callable[[Pulse, Pulse], bool], stock: FakeStock | None = None
) -> None:
    """Have kopf follow systems and strategies until their pulses are as they should be."""
    runner, account = await serve(answer)
    pulses = [Pulse(kind, "trading") for kind in OBJECTS]
    source: Any = stock or FakeStock()
    following = asyncio.create_task(follow_objects(source, pulses, lambda: account, ("trading",)))
    async with asyncio.timeout(10):
        while not holds(*pulses):  # noqa: ASYNC110 - it is a state of another thread that is waited for
            await asyncio.sleep(0.01)
    following.cancel()
    await asyncio.wait({following})
    await runner.cleanup()


@pytest.mark.usefixtures("without_patience")
async def test_kopf_is_alive_while_the_api_server_is_in_trouble() -> None:
    def refuse(_: web.Request) -> web.Response:
        return web.json_response({}, status=503)

    began = time.monotonic()
    await follow_until(refuse, lambda systems, strategies: min(systems.alive, strategies.alive) > began + 1)


@pytest.mark.usefixtures("without_patience")
async def test_kind_that_kopf_did_not_find_and_never_asks_for_shows() -> None:
    """As after a restart of kopf in the moment in which a definition is away."""
    pages = discovery(STRATEGY)

    def answer(request: web.Request) -> web.Response:
        return web.Response() if "watch" in request.query else web.json_response(pages[request.path])

    await follow_until(answer, lambda systems, strategies: strategies.alive > systems.alive + 1)


@pytest.mark.usefixtures("without_patience")
async def test_kopf_goes_on_from_our_listing_and_lists_nothing_itself() -> None:
    pages, stock, queries = discovery(*OBJECTS), FakeStock(), list[dict[str, str]]()

    def answer(request: web.Request) -> web.Response:
        if request.path not in {kind.path("trading") for kind in OBJECTS}:
            return web.json_response(pages[request.path])
        queries.append(dict(request.query))
        strategy = {**strategy_body(), "metadata": {**strategy_body()["metadata"], "resourceVersion": "9"}}
        event = {"type": "ADDED", "object": strategy}
        return web.Response(body=json.dumps(event).encode() if request.path == STRATEGY.path("trading") else b"")

    await follow_until(answer, lambda *_: len(queries) >= 4 and bool(stock.events), stock)
    assert all("watch" in query and "sendInitialEvents" not in query for query in queries)
    versions = [query["resourceVersion"] for query in queries]
    assert versions[:2] == ["7", "7"]
    assert "9" in versions, "a watch that ended goes on where it was"
    assert {event["metadata"]["name"] for _, event in stock.events} == {"alpha"}


def discovery(*kinds: Kind) -> dict[str, Any]:
    """Return the pages of an API server that serves some of our kinds."""
    group, version = STRATEGY.group, {"version": STRATEGY.version}
    return {
        "/api": {"versions": ["v1"]},
        "/api/v1": {"resources": [resource("namespaces", "Namespace")]},
        "/apis": {"groups": [{"name": group, "versions": [version], "preferredVersion": version}]},
        f"/apis/{group}/{STRATEGY.version}": {"resources": [resource(kind.plural, kind.kind) for kind in kinds]},
    }


def resource(plural: str, kind: str) -> dict[str, Any]:
    """Return what discovery says of a kind."""
    namespaced = kind != "Namespace"
    names = {"name": plural, "singularName": "", "kind": kind, "shortNames": []}
    return {**names, "namespaced": namespaced, "verbs": ["list", "watch", "patch"]}
