"""Our own objects that exist, as kopf delivered them or the API server answered a write."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from trading_operator.departed import Departed
from trading_operator.kinds import STRATEGY, TRADING_SYSTEM
from trading_operator.observed import Document, ObjectKey, object_key, system_ref, uid_of, version_of


@dataclass(slots=True)
class ObjectStore:
    """The newest body of each of our own objects."""

    _bodies: dict[tuple[str, str], dict[str, Document]] = field(default_factory=dict)
    _departed: Departed = field(default_factory=Departed)

    def put(self, body: Document) -> bool:
        """Keep a body, unless something newer is known of the same object; tell whether it was kept."""
        key = object_key(body)
        known = self.get(key)
        if self._departed.precludes(body):
            return False
        if known and version_of(known) > version_of(body):
            return False
        self._bodies.setdefault((key.kind, key.namespace), {})[key.name] = body
        return True

    def remove(self, gone: Document, version: int = 0) -> None:
        """Forget an object that is gone, since `version` if that is later than its own."""
        self._departed.add(gone, version)
        self.forget(gone)

    def forget(self, seen: Document) -> None:
        """Forget an object that cannot be found, and no other of its name; if it is listed again, it is taken in."""
        key = object_key(seen)
        known = self.get(key)
        if known and uid_of(known) == uid_of(seen):
            del self._bodies[key.kind, key.namespace][key.name]

    def get(self, key: ObjectKey) -> Document | None:
        return self._bodies.get((key.kind, key.namespace), {}).get(key.name)

    def __len__(self) -> int:
        return sum(len(found) for found in self._bodies.values())

    def all_keys(self) -> list[ObjectKey]:
        """Return every object, namespace by namespace: what belongs together is worked on together."""
        places = sorted(self._bodies.items(), key=lambda place: place[0][::-1])
        return [ObjectKey(kind, namespace, name) for (kind, namespace), found in places for name in found]

    def conditions(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Give the object's kind, namespace and name, and a condition's type and status, of each written condition.

        What is walked is a copy: whoever asks may be in another thread.
        """
        for bodies in list(self._bodies.values()):
            for body in list(bodies.values()):
                for condition in (body.get("status") or {}).get("conditions") or []:
                    yield *object_key(body), condition["type"], condition["status"]

    def systems(self, namespace: str) -> list[Document]:
        """Return the TradingSystems of a namespace, oldest first."""
        found = self._bodies.get((TRADING_SYSTEM.kind, namespace), {}).values()
        return sorted(found, key=lambda body: (body["metadata"].get("creationTimestamp", ""), body["metadata"]["name"]))

    def strategies(self, namespace: str, system: str) -> list[Document]:
        """Return the Strategies that name a system, by their names."""
        found = self._bodies.get((STRATEGY.kind, namespace), {})
        return [found[name] for name in sorted(found) if system_ref(found[name]) == system]
