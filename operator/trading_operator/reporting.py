"""The one author of status: written when it says something new, words and counts not too often."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from trading_operator import reasons
from trading_operator.cluster.client import Client
from trading_operator.cluster.recorder import Recorder
from trading_operator.kinds import BY_KIND, STRATEGY, TRADING_SYSTEM
from trading_operator.observed import Document, ObjectKey, object_key, trim_object, uid_of
from trading_operator.status import Status, differs, differs_softly

log = logging.getLogger(__name__)

SOFT_SECONDS: Final = {TRADING_SYSTEM.kind: 2.0, STRATEGY.kind: 10.0}
"""How far apart writes are that change words, counts or the newest signal alone."""


class _Condition(NamedTuple):
    status: str = ""
    reason: str = ""
    message: str = ""
    generation: int = 0


@dataclass(slots=True)
class Reporter:
    """Writes statuses."""

    client: Client
    keep: Callable[[Document], None]
    """Takes in what the API server answers: somebody may have changed the spec in between."""
    recorder: Recorder
    later: Callable[[ObjectKey, float], None]
    clock: Callable[[], float] = time.monotonic
    _written_at: dict[ObjectKey, float] = field(default_factory=dict)
    _lost: set[ObjectKey] = field(default_factory=set)
    """Objects that were ready, and whose loss of that was told."""

    async def write(self, body: Document, status: Status) -> Document:
        """Write a status if it says something new; return the object as it then is."""
        key = object_key(body)
        written: Status = body.get("status") or {}
        if not differs(status, written):
            return body
        waits = self._written_at.get(key, float("-inf")) + SOFT_SECONDS[key.kind] - self.clock()
        if waits > 0 and differs_softly(status, written):
            self.later(key, waits)
            return body
        answer = trim_object(await self._apply(key, body, status))
        self._written_at[key] = self.clock()
        self.keep(answer)
        self._tell(key, uid_of(body), written, status)
        return answer

    def forget(self, key: ObjectKey) -> None:
        """Drop what is remembered of an object that is gone."""
        self._written_at.pop(key, None)
        self._lost.discard(key)

    async def _apply(self, key: ObjectKey, body: Document, status: Status) -> Document:
        kind = BY_KIND[body["apiVersion"], key.kind]
        metadata = {"name": key.name, "namespace": key.namespace, "uid": uid_of(body)}
        document = {"apiVersion": body["apiVersion"], "kind": key.kind, "metadata": metadata, "status": status}
        return await self.client.apply_status(kind, document)

    def _tell(self, key: ObjectKey, uid: str, before: Status, after: Status) -> None:
        """Write an Event when an object stalls, or is not ready any more, or comes back from that."""
        was, now = _condition(before, "Stalled"), _condition(after, "Stalled")
        if now.status == "True":
            if now != was:
                self.recorder.tell(key, uid, now.reason, now.message, "Warning")
        elif was.status == "True":
            self.recorder.tell(key, uid, reasons.NOT_STALLED, "nothing holds the object up any more")
        else:
            self._tell_readiness(key, uid, _condition(before, "Ready"), _condition(after, "Ready"))

    def _tell_readiness(self, key: ObjectKey, uid: str, was: _Condition, now: _Condition) -> None:
        """An object that was edited, or was just made, is not ready for a while: nobody need hear of that."""
        if was.status == "True" and now.status != "True" and was.generation == now.generation:
            self._lost.add(key)
            self.recorder.tell(key, uid, now.reason, f"not ready any more: {now.message}", "Warning")
        elif now.status == "True" and key in self._lost:
            self._lost.discard(key)
            self.recorder.tell(key, uid, now.reason, "ready again")


def _condition(status: Status, wanted: str) -> _Condition:
    for found in status.get("conditions") or []:
        if found["type"] == wanted:
            generation = found.get("observedGeneration", 0)
            return _Condition(found["status"], found["reason"], found.get("message", ""), generation)
    return _Condition()
