"""The conversation with each system's signal service: asked at intervals, told when it does other than it should.

Level-triggered like everything else: what is pushed follows from comparing the report with what is wanted, so a lost
push, a restarted service or a Redis that came back empty need no case of their own.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Final

from trading_operator.cluster.signalservice import SignalServices
from trading_operator.errors import FencedError, ServiceCallError
from trading_operator.observed import ObjectKey
from trading_workloads.contract import ControlDocument, StatusDocument, StrategyReport, TradingState

log = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 20.0
"""How long a service may be silent before its last report no longer counts."""
REPEAT_SECONDS: Final = 15.0
"""How long a push may take to show in the report before it is pushed again."""
EAGER_SECONDS: Final = 0.5
"""How often the report is asked for until it shows a push."""

_TICKING: Final = frozenset({"barsSeen", "lastBar", "signals", "warmSymbols", "holder"})
"""Fields of a report that change with each bar and are in no status."""

Changed = Callable[[ObjectKey, set[str]], None]


@dataclass(slots=True)
class Conversation:
    """What is wanted of one signal service, and what it last said."""

    wanted: ControlDocument
    token: str
    heard: StatusDocument | None = None
    heard_at: float = 0.0
    silent: bool = False
    pushed: ControlDocument | None = None
    pushed_at: float = 0.0
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Conversations:
    """One conversation per system whose signal service is available."""

    services: SignalServices
    interval_seconds: float
    changed: Changed
    jitter: random.Random
    clock: Callable[[], float] = time.monotonic
    _open: dict[ObjectKey, Conversation] = field(default_factory=dict)

    def want(self, key: ObjectKey, document: ControlDocument, token: str) -> None:
        """Say what the runners of a system should do; it is compared with the report at once."""
        known = self._open.get(key)
        if known is None:
            known = self._open[key] = Conversation(document, token)
            # In a context of its own: its log lines are not of the pass that began it.
            known.task = asyncio.get_running_loop().create_task(
                self._talk(key, known), name=f"conversation {key}", context=Context()
            )
        elif known.wanted != document or known.token != token:
            known.wanted, known.token = document, token
            known.wake.set()

    def end(self, key: ObjectKey) -> None:
        """Stop talking to a service that is gone or not available."""
        if (known := self._open.pop(key, None)) and known.task:
            known.task.cancel()

    def end_all(self) -> None:
        for key in list(self._open):
            self.end(key)

    def answered(self, key: ObjectKey) -> bool:
        """Tell whether a service has answered, and not too long ago."""
        known = self._open.get(key)
        return bool(known and known.heard and not known.silent)

    def undecided(self, key: ObjectKey) -> bool:
        """Tell whether it is too early to say anything: a service that may well answer has not been heard yet."""
        known = self._open.get(key)
        return known is None or (known.heard is None and not known.silent)

    def trading(self, key: ObjectKey) -> TradingState | None:
        """Return the state of trading that the runners of a system last said they follow."""
        known = self._open.get(key)
        return known.heard["trading"] if known and known.heard else None

    def report(self, key: ObjectKey, strategy: str) -> StrategyReport | None:
        """Return what the service last said of a strategy."""
        known = self._open.get(key)
        return known.heard["strategies"].get(strategy) if known and known.heard else None

    async def _talk(self, key: ObjectKey, talk: Conversation) -> None:
        talk.heard_at = self.clock()
        while True:
            try:
                settled = await self._exchange(key, talk)
            except Exception as error:  # what nobody foresaw counts as silence, and the next exchange is a new chance
                log.exception("conversation broke", extra={"object": str(key)})
                self._hear_nothing(key, talk, ServiceCallError(f"{type(error).__name__}: {error}"))
                settled = True
            eager = not settled and self.clock() - talk.pushed_at < REPEAT_SECONDS
            pause = EAGER_SECONDS if eager else self.interval_seconds * (0.9 + self.jitter.random() / 5)
            try:
                async with asyncio.timeout(pause):
                    await talk.wake.wait()
            except TimeoutError:
                pass
            talk.wake.clear()

    async def _exchange(self, key: ObjectKey, talk: Conversation) -> bool:
        """Ask, and tell what is wanted where the answer is another; return whether it was what is wanted."""
        try:
            status = await self.services.status(key.namespace, talk.token)
            self._hear(key, talk, status)
            if not push_is_needed(talk.wanted, status):
                return True
            if talk.pushed != talk.wanted or self.clock() - talk.pushed_at > REPEAT_SECONDS:
                await self._push(key, talk)
        except ServiceCallError as error:
            self._hear_nothing(key, talk, error)
        return False

    async def _push(self, key: ObjectKey, talk: Conversation) -> None:
        told = talk.wanted
        try:
            await self.services.control(key.namespace, talk.token, told)
        except (ServiceCallError, FencedError) as error:
            log.warning("control not taken", extra={"object": str(key), "error": str(error)})
            return
        talk.pushed, talk.pushed_at = told, self.clock()
        log.info("control pushed", extra={"object": str(key), "strategies": len(told["strategies"])})

    def _hear(self, key: ObjectKey, talk: Conversation, status: StatusDocument) -> None:
        before = talk.heard["strategies"] if talk.heard else {}
        names = {
            name
            for name in {*before, *status["strategies"]}
            if _lasting(before.get(name)) != _lasting(status["strategies"].get(name))
        }
        other_state = talk.heard is None or talk.silent or talk.heard["trading"] != status["trading"]
        talk.heard, talk.heard_at, talk.silent = status, self.clock(), False
        if other_state:
            names |= set(talk.wanted["strategies"])
        if names:
            self.changed(key, names)

    def _hear_nothing(self, key: ObjectKey, talk: Conversation, error: ServiceCallError) -> None:
        if talk.silent or self.clock() - talk.heard_at < PATIENCE_SECONDS:
            return
        log.warning("signal service is silent", extra={"object": str(key), "error": str(error)})
        talk.silent = True
        self.changed(key, set(talk.wanted["strategies"]))


def push_is_needed(wanted: ControlDocument, status: StatusDocument) -> bool:
    """Tell whether the runners do other than is wanted."""
    if status["trading"] != wanted["trading"]:
        return True
    asked = {
        name: (document["uid"], document["generation"], document["revision"])
        for name, document in wanted["strategies"].items()
    }
    found = {
        name: (report["uid"], report["generation"], report["revision"]) for name, report in status["strategies"].items()
    }
    return asked != found


def _lasting(report: StrategyReport | None) -> dict[str, object] | None:
    return {name: value for name, value in report.items() if name not in _TICKING} if report else None
