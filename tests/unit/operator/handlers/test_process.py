import asyncio
import threading
from typing import Any

import kopf
import pytest

from tests.unit.operator.factories import system_body
from trading_operator.handlers.process import build_registry, build_settings, follow_objects


def credentials() -> Any:
    """Nobody logs in here."""


async def at_once() -> None:
    """Every kind is served."""


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
    registry = build_registry(lambda *_: None, lambda: None, at_once, credentials)
    assert not list(registry._changing.get_all_handlers())
    assert not list(registry._spawning.get_all_handlers())
    assert {handler.id for handler in registry._watching.get_all_handlers()} == {"tradingsystems", "strategies"}


def test_event_is_handed_over_as_it_is() -> None:
    taken: list[tuple[str | None, dict[str, Any]]] = []
    registry = build_registry(lambda kind, body: taken.append((kind, body)), lambda: None, at_once, credentials)
    handler, *_ = registry._watching.get_all_handlers()
    call: Any = handler.fn(event={"type": None, "object": {"a": 1}}, logger=None)
    with pytest.raises(StopIteration) as ended:
        call.send(None)
    assert ended.value.value is None, "what a handler returns kopf would write into the status"
    assert taken == [(None, {"a": 1})]


async def test_kopf_that_hangs_in_its_end_does_not_keep_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    started, released = threading.Event(), threading.Event()

    async def hang(**_: object) -> None:
        started.set()
        await asyncio.to_thread(released.wait)

    monkeypatch.setattr("trading_operator.handlers.frame.kopf.operator", hang)
    monkeypatch.setattr("trading_operator.handlers.process.ENDING_SECONDS", 0.05)
    following = asyncio.create_task(follow_objects(lambda *_: None, lambda: None, at_once, credentials, ("trading",)))
    await asyncio.to_thread(started.wait)
    following.cancel()
    await asyncio.wait({following}, timeout=5)
    released.set()
    assert following.cancelled()


async def test_kopf_waits_until_every_kind_is_served() -> None:
    asked = asyncio.Event()

    async def served() -> None:
        asked.set()

    registry = build_registry(lambda *_: None, lambda: None, served, credentials)
    (handler,) = [handler for handler in registry._activities.get_all_handlers() if handler.id == "served"]
    call: Any = handler.fn
    await call()
    assert asked.is_set()
