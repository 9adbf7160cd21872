"""All watches of children: what is followed, and where.

Secrets are followed namespace by namespace even by an operator that works everywhere: nobody gives it the Secrets of a
whole cluster. It follows them where there is a TradingSystem, for as long as there is one.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from typing import Final

from trading_operator.errors import UnreachableError
from trading_operator.kinds import SECRET, Kind
from trading_operator.watch import Watcher

PATIENCE_SECONDS: Final = 10.0
"""How long a pass waits for a listing before it fails, and gives its worker to others."""

BuildWatcher = Callable[[Kind, str | None], Watcher]


@dataclass(slots=True)
class Watches:
    """Starts and ends watches."""

    build: BuildWatcher
    kinds: Sequence[Kind]
    scopes: Sequence[str | None]
    _standing: list[Watcher] = field(default_factory=list)
    _unseen: list[Watcher] = field(default_factory=list)
    """Those that have not listed yet: soon none, and then no pass has to look through them."""
    _passing: dict[str, tuple[Watcher, asyncio.Task[None]]] = field(default_factory=dict)
    _group: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)

    def __post_init__(self) -> None:
        for scope in self.scopes:
            self._standing += [self.build(kind, scope) for kind in self.kinds if scope or kind != SECRET]
        self._unseen += self._standing

    @property
    def watchers(self) -> list[Watcher]:
        """Every watch there is now."""
        return [*self._standing, *(watcher for watcher, _ in self._passing.values())]

    def unsynced(self) -> list[str]:
        """Return the kinds that were not listed yet, nor are known to be forbidden."""
        return [watcher.kind.plural for watcher in self._standing if not watcher.answered.is_set()]

    async def wait_until_answered(self) -> None:
        """Wait until every kind was listed once, or may not be: a namespace without rights must not stop the others."""
        for watcher in self._standing:
            await watcher.answered.wait()

    async def run(self) -> None:
        """Run all of them until cancelled. Raises what ends one of them."""
        async with self._group:
            for watcher in self._standing:
                self._group.create_task(watcher.run(), name=f"watch {watcher.kind.plural}")

    async def wait_until_seen(self, namespace: str) -> None:
        """Wait until the children of a namespace were listed.

        Raises ForbiddenError where they may not be, and UnreachableError where they are not for too long.
        """
        for watcher in self._over(namespace):
            with suppress(TimeoutError):
                await asyncio.wait_for(watcher.answered.wait(), PATIENCE_SECONDS)
            if watcher.refused:
                raise copy(watcher.refused)  # one that is raised again and again gathers tracebacks
            if not watcher.synced.is_set():
                raise UnreachableError(f'{watcher.kind.plural} of namespace "{namespace}" could not be listed yet')

    def enter(self, namespace: str) -> None:
        """Follow the Secrets of a namespace that has a system, unless they are followed anyway."""
        if None not in self.scopes or SECRET not in self.kinds or namespace in self._passing:
            return
        watcher = self.build(SECRET, namespace)
        task = self._group.create_task(watcher.run(), name=f"watch secrets of {namespace}")
        self._passing[namespace] = (watcher, task)
        self._unseen.append(watcher)

    def leave(self, namespace: str) -> None:
        """Stop following the Secrets of a namespace that has no system any more."""
        if known := self._passing.pop(namespace, None):
            watcher, task = known
            self._unseen = [other for other in self._unseen if other is not watcher]
            task.cancel()
            watcher.answered.set()  # nobody must wait for what does not come any more
            watcher.forget_all()

    def _over(self, namespace: str) -> list[Watcher]:
        """Return the watches that see a namespace and have not listed it yet."""
        self._unseen = [watcher for watcher in self._unseen if not watcher.synced.is_set()]
        return [watcher for watcher in self._unseen if watcher.namespace in {None, namespace}]
