"""The work queue: each key once, one worker at a time on a key, fresh keys before resyncs, failures later and later.

While it is closed it takes nothing in: a replica that does not lead would gather every object that the leader works on.
"""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from trading_operator.metrics import Metrics

Key = TypeVar("Key", bound=Hashable)

FIRST_DELAY_SECONDS: Final = 0.25
LONGEST_DELAY_SECONDS: Final = 6.0
"""An API server that is back after an hour finds every failed key within ten seconds."""
LONGEST_ASKED_SECONDS: Final = 60.0
"""The longest Retry-After that is obeyed."""
FRESH_BEFORE_RESYNC: Final = 20
"""After so many fresh keys in a row a waiting resync gets its turn, so that it is late and not never."""
RESYNCS_AT_ONCE: Final = 2
"""A resync mostly finds nothing to write and gains nothing from company: the other workers stay free."""


@dataclass(slots=True)
class WorkQueue(Generic[Key]):
    """Keys that wait for a pass. Not for threads: one event loop owns it."""

    metrics: Metrics
    jitter: random.Random
    clock: Callable[[], float] = time.monotonic
    _fresh: OrderedDict[Key, float] = field(default_factory=OrderedDict)
    _resync: OrderedDict[Key, float] = field(default_factory=OrderedDict)
    _working: set[Key] = field(default_factory=set)
    _resyncing: set[Key] = field(default_factory=set)
    _again: dict[Key, bool] = field(default_factory=dict)
    _timers: dict[Key, asyncio.TimerHandle] = field(default_factory=dict)
    _retries: dict[Key, bool] = field(default_factory=dict)
    """Keys whose timer is a retry's, and whether it was a resync that failed."""
    _failures: dict[Key, int] = field(default_factory=dict)
    _in_a_row: int = 0
    _is_open: bool = True
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self) -> None:
        """Take keys in again."""
        self._is_open = True

    def close(self) -> None:
        """Drop everything that waits, failures too, and take nothing in."""
        self._is_open = False
        for timer in self._timers.values():
            timer.cancel()
        for waiting in (self._fresh, self._resync, self._again, self._timers, self._retries, self._failures):
            waiting.clear()
        self._changed()

    def add(self, key: Key, *, resync: bool = False) -> None:
        """Have a key worked on soon; a key that is being worked on gets another pass afterwards."""
        if not self._is_open:
            return
        if key in self._working:
            self._again[key] = self._again.get(key, True) and resync
            return
        if resync:
            if key not in self._fresh:
                self._resync.setdefault(key, self.clock())
        else:
            since = self._resync.pop(key, self.clock())
            self._fresh.setdefault(key, since)
        self._changed()
        self._wake.set()

    def add_after(self, key: Key, seconds: float) -> None:
        """Have a key worked on after a while: of two appointments the earlier one holds, but none hastens a retry."""
        if not self._is_open:
            return
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        if timer := self._timers.get(key):
            if timer.when() <= due or key in self._retries:
                return
            timer.cancel()
        self._timers[key] = loop.call_at(due, self._ring, key)

    def retry(self, key: Key, at_least: float = 0.0) -> float:
        """Have a key that failed worked on later, later each time; return how many seconds later."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        longest: float = min(FIRST_DELAY_SECONDS * 2.0 ** min(failures, 20), LONGEST_DELAY_SECONDS)
        asked = min(at_least, LONGEST_ASKED_SECONDS) * (1 + self.jitter.random() / 4)
        delay = max(asked, longest * (0.5 + self.jitter.random() / 2))
        if timer := self._timers.pop(key, None):
            timer.cancel()
        self.add_after(key, delay)
        self._retries[key] = key in self._resyncing
        return delay

    def failures(self, key: Key) -> int:
        """Return how often in a row a key has failed."""
        return self._failures.get(key, 0)

    def succeeded(self, key: Key) -> None:
        """Forget the failures of a key, and the retry that it does not need any more."""
        self._failures.pop(key, None)
        if self._retries.pop(key, None) is not None and (timer := self._timers.pop(key, None)):
            timer.cancel()

    async def get(self) -> Key:
        """Return the next key, and keep it from every other worker until `done`."""
        while not (self._fresh or self._resync_may_begin()):
            self._wake.clear()
            await self._wake.wait()
        key, since = self._pop()
        self._working.add(key)
        self.metrics.queue_wait.observe(max(0.0, self.clock() - since))
        self._changed()
        return key

    def done(self, key: Key) -> None:
        """Give a key back."""
        self._working.discard(key)
        self._resyncing.discard(key)
        if key in self._again:
            self.add(key, resync=self._again.pop(key))
        if self._resync:
            self._wake.set()

    def __len__(self) -> int:
        return len(self._fresh) + len(self._resync)

    def _resync_may_begin(self) -> bool:
        return bool(self._resync) and len(self._resyncing) < RESYNCS_AT_ONCE

    def _pop(self) -> tuple[Key, float]:
        resync_has_waited = self._in_a_row >= FRESH_BEFORE_RESYNC and self._resync_may_begin()
        if self._fresh and not resync_has_waited:
            self._in_a_row += 1
            return self._fresh.popitem(last=False)
        self._in_a_row = 0
        key, since = self._resync.popitem(last=False)
        self._resyncing.add(key)
        return key, since

    def _ring(self, key: Key) -> None:
        self._timers.pop(key, None)
        self.add(key, resync=self._retries.pop(key, False))

    def _changed(self) -> None:
        self.metrics.queue_depth.set(len(self))
