"""All watches of children: what is followed, and where.

Secrets are followed namespace by namespace even by an operator that works everywhere: nobody gives it the Secrets of a
whole cluster. It follows them where there is a TradingSystem, for as long as there is one.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from trading_operator.kinds import SECRET, Kind
from trading_operator.watch import Watcher

BuildWatcher = Callable[[Kind, str | None], Watcher]


@dataclass(slots=True)
class Watches:
    """Starts and ends watches."""

    build: BuildWatcher
    kinds: Sequence[Kind]
    scopes: Sequence[str | None]
    _standing: list[Watcher] = field(default_factory=list)
    _passing: dict[str, tuple[Watcher, asyncio.Task[None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for scope in self.scopes:
            self._standing += [self.build(kind, scope) for kind in self.kinds if scope or kind != SECRET]

    @property
    def watchers(self) -> list[Watcher]:
        """Every watch there is now."""
        return [*self._standing, *(watcher for watcher, _ in self._passing.values())]

    def unsynced(self) -> list[str]:
        """Return the kinds that were not listed yet, of those that passes wait for."""
        return [watcher.kind.plural for watcher in self._standing if not watcher.synced.is_set()]

    async def wait_until_synced(self) -> None:
        """Wait until every kind was listed once, where rights are given once for all."""
        for watcher in self._standing:
            await watcher.synced.wait()

    async def run(self) -> None:
        """Run all of them until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for watcher in self._standing:
                    group.create_task(watcher.run(), name=f"watch {watcher.kind.plural}")
        finally:
            for namespace in list(self._passing):
                self.leave(namespace)

    async def wait_for_secrets(self, namespace: str) -> None:
        """Wait until the Secrets of a namespace that has a system were listed, or it is known that they may not be."""
        if known := self._passing.get(namespace):
            watcher, _ = known
            await watcher.answered.wait()

    def enter(self, namespace: str) -> None:
        """Follow the Secrets of a namespace that has a system, unless they are followed anyway."""
        if None not in self.scopes or SECRET not in self.kinds or namespace in self._passing:
            return
        watcher = self.build(SECRET, namespace)
        task = asyncio.get_running_loop().create_task(watcher.run(), name=f"watch secrets of {namespace}")
        self._passing[namespace] = (watcher, task)

    def leave(self, namespace: str) -> None:
        """Stop following the Secrets of a namespace that has no system any more."""
        if known := self._passing.pop(namespace, None):
            watcher, task = known
            task.cancel()
            watcher.answered.set()  # nobody must wait for what does not come any more
            watcher.forget_all()
