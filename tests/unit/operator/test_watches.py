import asyncio
from dataclasses import dataclass, field
from typing import Any

from trading_operator.kinds import CONFIG_MAP, SECRET, Kind
from trading_operator.watches import Watches

KINDS = (SECRET, CONFIG_MAP)


@dataclass
class FakeWatcher:
    kind: Kind
    scope: str | None
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    running: int = 0
    forgotten: bool = False

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
    return {(watcher.kind.plural, watcher.scope) for watcher in found}


def test_listed_namespaces_are_followed_whole() -> None:
    watches = make_watches("a", "b")
    watches.enter("a")
    assert followed(watches) == {(kind.plural, scope) for kind in KINDS for scope in ("a", "b")}


async def test_secrets_of_a_whole_cluster_are_followed_only_where_there_are_systems() -> None:
    watches = make_watches(None)
    assert followed(watches) == {("configmaps", None)}
    watches.enter("a")
    watches.enter("a")
    watches.enter("b")
    assert followed(watches) == {("configmaps", None), ("secrets", "a"), ("secrets", "b")}
    watches.leave("a")
    watches.leave("elsewhere")
    assert followed(watches) == {("configmaps", None), ("secrets", "b")}


async def test_secrets_where_rights_may_be_missing_are_not_waited_for() -> None:
    watches = make_watches(None)
    watches.enter("a")
    assert watches.unsynced() == ["configmaps"]
    watches.watchers[0].synced.set()
    await asyncio.wait_for(watches.wait_until_synced(), 1)
    assert watches.unsynced() == []


async def test_secrets_of_a_namespace_are_waited_for_until_there_is_an_answer_or_no_system() -> None:
    watches = make_watches(None)
    for namespace in ("a", "b"):
        watches.enter(namespace)
    waiting = {name: asyncio.create_task(watches.wait_for_secrets(name)) for name in ("a", "b", "without-a-system")}
    await asyncio.wait({waiting["without-a-system"]}, timeout=1)
    assert [task.done() for task in waiting.values()] == [False, False, True]
    watches.watchers[1].answered.set()
    await asyncio.wait({waiting["a"]}, timeout=1)
    assert [task.done() for task in waiting.values()] == [True, False, True]
    watches.leave("b")
    await asyncio.wait_for(waiting["b"], 1)


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
