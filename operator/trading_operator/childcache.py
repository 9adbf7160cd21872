"""The children that exist, as the watch saw them or the API server answered a write."""

from dataclasses import dataclass, field

import orjson

from trading_operator.departed import Departed
from trading_operator.kinds import Kind
from trading_operator.observed import ChildKey, Document, ObjectKey, child_key, cut_child, owner_key, uid_of, version_of


@dataclass(slots=True)
class ChildCache:
    """Every child that the watch saw, found by its key and by its owner.

    A child that was found as it should be is kept without what was compared, until there is news of it.
    """

    _by_key: dict[ChildKey, Document] = field(default_factory=dict)
    _by_owner: dict[ObjectKey, set[ChildKey]] = field(default_factory=dict)
    _digests: dict[ChildKey, int] = field(default_factory=dict)
    _settled: dict[ChildKey, str] = field(default_factory=dict)
    _departed: Departed = field(default_factory=Departed)

    def put(self, document: Document) -> bool:
        """Keep a child, unless something newer is known of it; tell whether it is other than what was known."""
        key = child_key(document)
        known = self._by_key.get(key)
        if self._departed.precludes(document) or (known and version_of(known) > version_of(document)):
            return False
        digest = _digest(document)
        if known and self._digests[key] == digest:
            known["metadata"]["resourceVersion"] = document["metadata"].get("resourceVersion")
            return False
        self._forget(key)
        self._by_key[key], self._digests[key] = document, digest
        if owner := owner_key(document):
            self._by_owner.setdefault(owner, set()).add(key)
        return True

    def remove(self, gone: Document, version: int = 0) -> None:
        """Forget a child that is gone, since `version` if that is later than its own."""
        self._departed.add(gone, version)
        key = child_key(gone)
        known = self._by_key.get(key)
        if known and uid_of(known) == uid_of(gone):
            self.forget(key)

    def forget(self, key: ChildKey) -> None:
        """Forget a child that cannot be seen; if it comes in sight again, it is taken in as it is."""
        if key in self._by_key:
            self._forget(key)
            del self._by_key[key], self._digests[key]

    def get(self, key: ChildKey) -> Document | None:
        return self._by_key.get(key)

    def children_of(self, owner: ObjectKey) -> dict[ChildKey, Document]:
        """Return what belongs to an object."""
        return {key: self._by_key[key] for key in self._by_owner.get(owner, ())}

    def keys_of_kind(self, kind: Kind, namespace: str | None) -> list[ChildKey]:
        """Return the children of one kind, in one namespace or in all."""
        return [key for key in self._by_key if key.kind == kind and namespace in {None, key.namespace}]

    def __len__(self) -> int:
        return len(self._by_key)

    def settle(self, key: ChildKey, wanted: str) -> None:
        """Remember what a child was found to be like, by the hash of that, until there is news of it."""
        self._settled[key] = wanted
        self._by_key[key] = cut_child(self._by_key[key])

    def is_settled(self, key: ChildKey, wanted: str) -> bool:
        """Tell whether nothing is known of a child since it was found to be like this."""
        return self._settled.get(key) == wanted

    def _forget(self, key: ChildKey) -> None:
        self._settled.pop(key, None)
        known = self._by_key.get(key)
        if known and (owner := owner_key(known)) and (siblings := self._by_owner.get(owner)):
            siblings.discard(key)
            if not siblings:
                del self._by_owner[owner]


def _digest(document: Document) -> int:
    """Return a number that tells two versions of a child apart, if they differ in more than the version."""
    metadata = {name: value for name, value in document["metadata"].items() if name != "resourceVersion"}
    return hash(orjson.dumps({**document, "metadata": metadata}))
