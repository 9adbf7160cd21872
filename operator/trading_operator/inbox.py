"""What happens in the cluster becomes keys in the queue: an event about one object may concern others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from trading_operator.kinds import TRADING_SYSTEM, Kind
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import (
    Document,
    ObjectKey,
    concerned,
    object_key,
    system_ref,
    trim_object,
    uid_of,
    version_of,
)

GATHER_SECONDS: Final = 0.05
"""How long news of children is gathered before their owner gets a pass."""


class Enqueue(Protocol):
    """Have a key worked on."""

    def __call__(self, key: ObjectKey, *, resync: bool = False) -> None: ...


class Places(Protocol):
    """Whoever has to know in which namespaces there are systems."""

    def enter(self, namespace: str) -> None:
        """Take in that there is one in a namespace."""

    def leave(self, namespace: str) -> None:
        """Take in that there is none any more."""


@dataclass(slots=True)
class Inbox:
    """Keeps the store and fills the queue; decides nothing."""

    store: ObjectStore
    enqueue: Enqueue
    enqueue_after: Callable[[ObjectKey, float], None]
    forget: Callable[[ObjectKey], None]
    places: Places | None = None

    def take(self, event_type: str | None, raw: Document) -> None:
        """Take in an event about one of our own objects, as kopf delivers it."""
        body = trim_object(raw)
        key = object_key(body)
        before = self.store.get(key)
        if event_type == "DELETED":
            self._drop(body)
        elif self._keep(body):
            anew = self._enqueue_change(before, body)
            if not anew and before is not None and version_of(before) != version_of(body):
                self.enqueue(key)

    def take_answer(self, answer: Document) -> None:
        """Take in what the API server made of a status of ours: nothing new, unless somebody was faster."""
        before = self.store.get(object_key(answer))
        if self.store.put(answer):
            self._enqueue_change(before, answer)

    def child_changed(self, child: Document) -> None:
        """Take in that a child is other than it was; the news of a whole rollout make a few passes, not hundreds."""
        for owner in concerned(child):
            self.enqueue_after(owner, GATHER_SECONDS)

    def capabilities_changed(self) -> None:
        """Take in that a kind of children came or went: every object may ask for it."""
        for key in self.store.all_keys():
            self.enqueue(key, resync=True)

    def replace(
        self, kind: Kind, namespace: str | None, bodies: Iterable[Document], version: int, *, news: bool = True
    ) -> None:
        """Take in a whole listing of trimmed objects: what is neither in it nor newer is gone.

        Each gets a pass, when there is time; what changed gets one soon, if there is to be `news` at all.
        """
        listed = {object_key(body): body for body in bodies}
        for key in self.store.all_keys():
            if key.kind == kind.kind and namespace in {None, key.namespace} and key not in listed:
                body = self.store.get(key)
                if body and version_of(body) <= version:
                    self._drop(body, version)
        for key, body in listed.items():
            before = self.store.get(key)
            changed = self._keep(body) and news and self._enqueue_change(before, body)
            if not changed and self.store.get(key):
                self.enqueue(key, resync=True)

    def _enqueue_change(self, before: Document | None, body: Document) -> bool:
        """Have an object worked on, and what it concerns, where it is not what it was; tell whether."""
        if before is not None and _what_matters(before) == _what_matters(body):
            return False
        self.enqueue(object_key(body))
        self._enqueue_related(body)
        if before is not None and system_ref(before) != system_ref(body):
            self._enqueue_related(before)
        return True

    def _keep(self, body: Document) -> bool:
        kept = self.store.put(body)
        if kept and self.places and body["kind"] == TRADING_SYSTEM.kind:
            self.places.enter(object_key(body).namespace)
        return kept

    def _drop(self, body: Document, version: int = 0) -> None:
        key = object_key(body)
        self.store.remove(body, version)
        if self.places and not self.store.systems(key.namespace):
            self.places.leave(key.namespace)
        self.forget(key)
        self.enqueue(key)
        self._enqueue_related(body)

    def _enqueue_related(self, body: Document) -> None:
        """A system's strategies run by its spec; a strategy is in its system's pool; systems share a namespace."""
        key = object_key(body)
        if key.kind == TRADING_SYSTEM.kind:
            related = [
                *self.store.strategies(key.namespace, key.name),
                *(other for other in self.store.systems(key.namespace) if object_key(other) != key),
            ]
            for other in related:
                self.enqueue(object_key(other))
        elif name := system_ref(body):
            self.enqueue(ObjectKey(TRADING_SYSTEM.kind, key.namespace, name))


def _what_matters(body: Document) -> tuple[object, ...]:
    metadata = body["metadata"]
    return uid_of(body), metadata.get("generation"), metadata.get("deletionTimestamp")
