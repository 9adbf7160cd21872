import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from trading_operator.errors import ForbiddenError, UnreachableError
from trading_operator.kinds import CONFIG_MAP, SECRET, Kind
from trading_operator.watches import Watches

KINDS = (SECRET, CONFIG_MAP)


@dataclass
class FakeWatcher:
    kind: Kind
    namespace: str | None
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    running: int = 0
    forgotten: bool = False
    refused: ForbiddenError | None = None

    def forget_all(self) -> None:
        self.forgotten = True

    async def run(self) -> None:
        self.running += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.running -= 1


def make_watches(*scopes: str | None) -> Watches:
    build: Any = FakeWatcher
    return Watches(build, KINDS, scopes)


def followed(watches: Watches) -> set[tuple[str, str | None]]:
    found: list[Any] = watches.watchers
    return {(watcher.kind.plural, watcher.namespace) for watcher in found}


def test_listed_namespaces_are_followed_whole() -> None:
    watches = make_watches("a", "b")
    watches.enter("a")
    assert followed(watches) == {(kind.plural, scope) for kind in KINDS for scope in ("a", "b")}


@asynccontextmanager
async def running(*scopes: str | None) -> AsyncIterator[Watches]:
    watches = make_watches(*scopes)
    task = asyncio.create_task(watches.run())
    await asyncio.sleep(0)
    try:
        yield watches
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_secrets_of_a_whole_cluster_are_followed_only_where_there_are_systems() -> None:
    async with running(None) as watches:
        assert followed(watches) == {("configmaps", None)}
        watches.enter("a")
        watches.enter("a")
        watches.enter("b")
        assert followed(watches) == {("configmaps", None), ("secrets", "a"), ("secrets", "b")}
        watches.leave("a")
        watches.leave("elsewhere")
        assert followed(watches) == {("configmaps", None), ("secrets", "b")}


async def test_start_waits_for_what_may_be_listed_and_not_for_what_may_not() -> None:
    watches = make_watches("a", "b")
    found: list[Any] = watches.watchers
    waiting = asyncio.create_task(watches.wait_until_answered())
    for watcher in found[:-1]:
        watcher.answered.set()
    await asyncio.sleep(0)
    assert not waiting.done()
    assert watches.unsynced() == [found[-1].kind.plural]
    found[-1].answered.set()
    await asyncio.wait_for(waiting, 1)
    assert watches.unsynced() == []


async def test_pass_waits_until_the_children_of_its_namespace_are_seen() -> None:
    async with running(None) as watches:
        watches.enter("a")
        watches.enter("b")
        configurations, secrets, _ = watches.watchers
        waiting = asyncio.create_task(watches.wait_until_seen("a"))
        for watcher in (configurations, secrets):
            await asyncio.sleep(0)
            assert not waiting.done()
            watcher.synced.set()
            watcher.answered.set()
        await asyncio.wait_for(waiting, 1)


async def test_pass_fails_where_children_may_not_be_listed_and_only_there() -> None:
    watches = make_watches("a", "b")
    found: list[Any] = watches.watchers
    for watcher in found:
        watcher.answered.set()
        if (watcher.kind, watcher.namespace) == (SECRET, "b"):
            watcher.refused = ForbiddenError(403, "cannot list secrets")
        else:
            watcher.synced.set()
    await watches.wait_until_seen("a")
    for _ in range(2):
        with pytest.raises(ForbiddenError, match="cannot list secrets"):
            await watches.wait_until_seen("b")


async def test_pass_over_a_namespace_that_has_no_system_any_more_waits_no_longer() -> None:
    async with running(None) as watches:
        watches.enter("a")
        watches.watchers[0].synced.set()
        waiting = asyncio.create_task(watches.wait_until_seen("a"))
        await asyncio.sleep(0)
        watches.leave("a")
        with pytest.raises(UnreachableError):
            await asyncio.wait_for(waiting, 1)


async def test_watch_of_secrets_that_breaks_is_not_lost() -> None:
    class Broken(FakeWatcher):
        async def run(self) -> None:
            if self.kind == SECRET:
                raise ZeroDivisionError
            await super().run()

    build: Any = Broken
    watches = Watches(build, KINDS, [None])
    task = asyncio.create_task(watches.run())
    await asyncio.sleep(0)
    watches.enter("a")
    await asyncio.wait({task}, timeout=1)
    assert isinstance(task.exception(), ExceptionGroup)


async def test_every_watch_ends_with_the_operator() -> None:
    watches = make_watches(None)
    running = asyncio.create_task(watches.run())
    await asyncio.sleep(0)
    watches.enter("a")
    found: list[Any] = watches.watchers
    async with asyncio.timeout(2):
        while [watcher.running for watcher in found] != [1, 1]:  # noqa: ASYNC110 - the state of other tasks
            await asyncio.sleep(0)
        running.cancel()
        while [watcher.running for watcher in found] != [0, 0]:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0)
