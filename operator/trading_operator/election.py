"""Which replica writes: the holder of a Lease, for as long as it can be sure to hold it.

A holder counts from before its renewal was sent, everybody else from when they saw it, and the holder counts to less:
it stops before any other may begin, however long it was paused and whatever the clocks of the machines say. A write
under way at that moment is given up by the API server itself (`WRITE_SECONDS`) before the lease runs out. Who gives the
lease back, on a normal end, waits for the answers of such writes, and leaves another as long as that where none comes.

A Lease that is not there may have been deleted under its holder. It counts as held, and is taken at once only where
there is no child and no status of ours: there nobody has written yet.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from trading_operator.cluster.client import WRITE_SECONDS, Document
from trading_operator.cluster.leases import Leases
from trading_operator.cluster.underway import WritesUnderWay
from trading_operator.errors import ConflictError, ExistsError, FencedError, WorldError
from trading_operator.metrics import Metrics

log = logging.getLogger(__name__)

LEASE_SECONDS: Final = 12
"""How long others wait after the last renewal that they saw."""
HOLDING_SECONDS: Final = LEASE_SECONDS - WRITE_SECONDS
"""How long the holder writes after its last successful renewal was sent."""
RENEW_SECONDS: Final = 2.0
POLL_SECONDS: Final = 0.8
"""How often a standby looks at the Lease; it is released on a normal end, and then taken within a second."""
ATTEMPT_SECONDS: Final = 3.0
"""How long one look or renewal may take."""
ANSWER_SECONDS: Final = 1.0
"""How long the answers of writes are waited for before the lease is given back."""

_ANYBODY: Final = "anybody"
"""Stands for the holder of a Lease that is not there."""

Work = Callable[[], Coroutine[None, None, None]]


def seconds_since_boot() -> float:
    """Return a time that goes on while the machine sleeps, unlike the monotonic clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Leadership(Protocol):
    """The right to write."""

    def check(self) -> None:
        """Raise FencedError where this replica may not write now."""

    async def win(self) -> None:
        """Wait until this replica may write."""

    async def keep(self) -> None:
        """Go on being the one that writes; return when that is over."""

    async def release(self) -> None:
        """Let another replica write."""


@dataclass(frozen=True, slots=True)
class OnlyReplica:
    """Leadership without an election, for an operator that runs alone."""

    metrics: Metrics

    def check(self) -> None:
        """Allow every write."""

    async def win(self) -> None:
        """Lead at once."""
        self.metrics.leader.set(1)

    async def keep(self) -> None:
        """Lead for ever."""
        await asyncio.Event().wait()

    async def release(self) -> None:
        """Have nothing to release."""


@dataclass(slots=True)
class Election:
    """Leadership by a Lease."""

    leases: Leases
    identity: str
    metrics: Metrics
    jitter: random.Random
    writes: WritesUnderWay = field(default_factory=WritesUnderWay)
    somebody_wrote: Callable[[], bool] = lambda: False
    """Tells whether there was ever a holder, for a replica that finds no Lease and has never seen one."""
    clock: Callable[[], float] = seconds_since_boot
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _held_until: float = float("-inf")
    _there: Document | None = None
    """The Lease as it is, to be written over; None where there is none."""
    _certain: bool = False
    """Whether that is still so: an answer may be under way or lost, or somebody been faster."""
    _spec: Document = field(default_factory=dict)
    """What the Lease said last. One that vanishes still counts, until it runs out."""
    _spec_since: float = float("-inf")

    def check(self) -> None:
        """Raise FencedError unless the lease is certainly held."""
        if self.clock() >= self._held_until:
            raise FencedError(f"{self.identity} does not hold the lease {self.leases.name}")

    async def win(self) -> None:
        """Wait until the lease is ours."""
        while True:
            if await self.attempt():
                break
            await asyncio.sleep(POLL_SECONDS * (0.75 + self.jitter.random() / 2))
        log.info("leading", extra={"lease": self.leases.name, "identity": self.identity})
        self.metrics.leader.set(1)

    async def keep(self) -> None:
        """Renew until the lease is somebody else's, or has run out unrenewed."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            renewed = await self.attempt()
            if not renewed and (self._is_anothers() or self.clock() >= self._held_until):
                break
        self._step_down()

    async def release(self) -> None:
        """Give the lease back, if it is held; with a write that is not answered it still has to run out, but soon."""
        if self.clock() >= self._held_until:
            return
        self._step_down()
        if await self.writes.have_ended(ANSWER_SECONDS):
            left = {"holderIdentity": "", "leaseDurationSeconds": 1}
        else:
            left = {"leaseDurationSeconds": WRITE_SECONDS}
        with suppress(WorldError, TimeoutError):
            async with asyncio.timeout(ATTEMPT_SECONDS):
                if not self._certain:
                    self._look(await self.leases.read())
                if self._is_ours():
                    await self.leases.write({**self._spec, **left, "renewTime": self._stamp()}, self._there)

    def _step_down(self) -> None:
        self._held_until = float("-inf")
        self.metrics.leader.set(0)
        log.info("not leading any more", extra={"lease": self.leases.name, "identity": self.identity})

    async def attempt(self) -> bool:
        """Take or renew the lease, if it may be; tell whether it is ours."""
        began = self.clock()
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                if not (self._certain and self._is_ours()):
                    self._look(await self.leases.read())
                if not self._may_be_taken():
                    return False
                self._certain = False
                self._look(await self.leases.write(self._claim(), self._there))
        except (WorldError, TimeoutError) as error:
            if not isinstance(error, ConflictError | ExistsError):
                log.warning("lease not reached", extra={"error": f"{type(error).__name__}: {error}"})
            return False
        self._held_until = began + HOLDING_SECONDS
        return True

    def _look(self, found: Document | None) -> None:
        """Take in what the Lease says; what it said before is as old as before.

        One that is not there may have been anybody's a moment earlier, unless it certainly still is ours, or nobody has
        written anything yet.
        """
        self._there, self._certain = found, True
        if found is not None:
            self._heed(found["spec"])
        elif self.clock() >= self._held_until and (self._spec or self.somebody_wrote()):
            self._heed({"holderIdentity": _ANYBODY})

    def _heed(self, spec: Document) -> None:
        if spec != self._spec:
            self._spec, self._spec_since = spec, self.clock()

    def _may_be_taken(self) -> bool:
        if not self._is_anothers():
            return True
        lasts = float(self._spec.get("leaseDurationSeconds") or LEASE_SECONDS)
        return self.clock() - self._spec_since >= lasts

    def _is_ours(self) -> bool:
        return self._spec.get("holderIdentity") == self.identity

    def _is_anothers(self) -> bool:
        return bool(self._spec.get("holderIdentity")) and not self._is_ours()

    def _claim(self) -> Document:
        before, stamp = self._spec, self._stamp()
        return {
            "holderIdentity": self.identity,
            "leaseDurationSeconds": LEASE_SECONDS,
            "acquireTime": before.get("acquireTime", stamp) if self._is_ours() else stamp,
            "renewTime": stamp,
            "leaseTransitions": int(before.get("leaseTransitions") or 0) + (not self._is_ours()),
        }

    def _stamp(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def lead(leadership: Leadership, work: Work) -> None:
    """Do the work whenever this replica leads, and nothing otherwise, until cancelled. Raises what ends the work."""
    while True:
        try:
            await leadership.win()
            await _lead_once(leadership, work)
        finally:
            await leadership.release()


async def _lead_once(leadership: Leadership, work: Work) -> None:
    """Do the work until this replica leads no more."""
    working, leading = asyncio.create_task(work()), asyncio.create_task(leadership.keep())
    try:
        ended, _ = await asyncio.wait({working, leading}, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        working.cancel()
        leading.cancel()
        await asyncio.gather(working, leading, return_exceptions=True)
