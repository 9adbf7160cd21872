import asyncio
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import kopf
import pytest
from aiohttp import web

from tests.unit.operator.factories import system_body
from trading_operator.cluster.watchsession import Pulse
from trading_operator.handlers.process import build_registry, build_settings, follow_objects
from trading_operator.kinds import OBJECTS, STRATEGY


def credentials() -> Any:
    """Nobody logs in here."""


@pytest.fixture
def without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """kopf takes some seconds to end; nobody waits for it."""
    monkeypatch.setattr("trading_operator.handlers.process.ENDING_SECONDS", 0.05)


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
    registry = build_registry(lambda *_: None, lambda: None, (), credentials)
    assert not list(registry._changing.get_all_handlers())
    assert not list(registry._spawning.get_all_handlers())
    assert {handler.id for handler in registry._watching.get_all_handlers()} == {"tradingsystems", "strategies"}


def test_event_is_handed_over_as_it_is() -> None:
    taken: list[tuple[str | None, dict[str, Any]]] = []
    registry = build_registry(lambda kind, body: taken.append((kind, body)), lambda: None, (), credentials)
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
    following = asyncio.create_task(
        follow_objects(lambda *_: None, lambda: None, (), credentials, namespaces=("trading",))
    )
    await asyncio.to_thread(started.wait)
    following.cancel()
    await asyncio.wait({following}, timeout=5)
    released.set()
    assert following.cancelled()


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


async def follow_until(answer: Callable[[web.Request], web.Response], holds: Callable[[Pulse, Pulse], bool]) -> None:
    """Have kopf follow systems and strategies until their pulses are as they should be."""
    runner, account = await serve(answer)
    pulses = [Pulse(kind, "trading") for kind in OBJECTS]
    following = asyncio.create_task(
        follow_objects(lambda *_: None, lambda: None, pulses, lambda: account, namespaces=("trading",))
    )
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
    group, version = STRATEGY.group, {"version": STRATEGY.version}
    pages = {
        "/api": {"versions": ["v1"]},
        "/api/v1": {"resources": [resource("namespaces", "Namespace")]},
        "/apis": {"groups": [{"name": group, "versions": [version], "preferredVersion": version}]},
        f"/apis/{group}/{STRATEGY.version}": {"resources": [resource(STRATEGY.plural, STRATEGY.kind)]},
        STRATEGY.path("trading"): {"items": [], "metadata": {"resourceVersion": "1"}},
    }

    def answer(request: web.Request) -> web.Response:
        return web.Response() if "watch" in request.query else web.json_response(pages[request.path])

    await follow_until(answer, lambda systems, strategies: strategies.alive > systems.alive + 1)


def resource(plural: str, kind: str) -> dict[str, Any]:
    """Return what discovery says of a kind."""
    namespaced = kind != "Namespace"
    names = {"name": plural, "singularName": "", "kind": kind, "shortNames": []}
    return {**names, "namespaced": namespaced, "verbs": ["list", "watch", "patch"]}
