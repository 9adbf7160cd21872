"""What exists: children as the watch saw them, trimmed to what is compared and reported."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from trading_operator import labels
from trading_operator.kinds import BY_KIND, STRATEGY, TRADING_SYSTEM, Kind
from trading_operator.ownership import holders_of_replicas

Document = dict[str, Any]


class ObjectKey(NamedTuple):
    """One of our own objects."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class ChildKey(NamedTuple):
    """One child."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind.kind} {self.namespace}/{self.name}"

    @property
    def inventory_entry(self) -> str:
        """The child as `status.inventory` names it."""
        return f"{self.kind.group or 'core'}/{self.kind.kind}/{self.name}"


_DEPARTED_KNOWN: Final = 10_000
_STATUS_FIELDS: Final = ("observedGeneration", "replicas", "readyReplicas", "updatedReplicas", "conditions", "phase")


def child_key(document: Document) -> ChildKey:
    """Return the key of a child's document."""
    metadata = document["metadata"]
    return ChildKey(kind_of(document), metadata["namespace"], metadata["name"])


def kind_of(document: Document) -> Kind:
    """Return the kind of a child's document."""
    return BY_KIND[document["apiVersion"], document["kind"]]


def trim_child(document: Document) -> Document:
    """Return a child without what is neither compared nor reported: about a tenth of it."""
    metadata = document["metadata"]
    kept = {
        name: metadata[name]
        for name in ("name", "namespace", "uid", "resourceVersion", "generation", "labels", "deletionTimestamp")
        if name in metadata
    }
    kept["ownerReferences"] = metadata.get("ownerReferences", [])
    kept["annotations"] = {
        name: value
        for name, value in metadata.get("annotations", {}).items()
        if name.startswith(labels.OWN_PREFIX) or name == labels.ALLOW_PRUNE
    }
    kept["replicasHeldBy"] = sorted(holders_of_replicas(metadata.get("managedFields") or []))
    body = {name: value for name, value in document.items() if name not in {"metadata", "status"}}
    status = document.get("status") or {}
    seen = {name: status[name] for name in _STATUS_FIELDS if name in status}
    return {**body, "metadata": kept, "status": seen}


def trim_object(document: Document) -> Document:
    """Return one of our own objects without the history of its fields."""
    metadata = {name: value for name, value in document["metadata"].items() if name != "managedFields"}
    return {**document, "metadata": metadata}


def owner_uid(document: Document) -> str | None:
    """Return the uid of the object that controls a child."""
    for reference in document["metadata"].get("ownerReferences") or []:
        if reference.get("controller"):
            return str(reference["uid"])
    return None


def owner_key(document: Document) -> ObjectKey | None:
    """Return the key of the object that a child belongs to: by its controller, else, after a restore, by its labels."""
    metadata = document["metadata"]
    for reference in metadata.get("ownerReferences") or []:
        if reference.get("controller"):
            if reference.get("kind") not in {STRATEGY.kind, TRADING_SYSTEM.kind}:
                return None
            return ObjectKey(reference["kind"], metadata["namespace"], reference["name"])
    found: Mapping[str, str] = metadata.get("labels") or {}
    if name := found.get(labels.STRATEGY):
        return ObjectKey(STRATEGY.kind, metadata["namespace"], name)
    if name := found.get(labels.SYSTEM):
        return ObjectKey(TRADING_SYSTEM.kind, metadata["namespace"], name)
    return None


def version_of(document: Document) -> int:
    """Return the resource version as the growing number that it is."""
    version = document["metadata"].get("resourceVersion", "")
    return int(version) if version.isdigit() else 0


@dataclass(slots=True)
class Departed:
    """Objects that are gone, and since which version.

    The answer to a write, or a page of a listing, may arrive after the news that the object is gone; it must not bring
    it back. A newer version may: whoever loses a label leaves the watch, and comes back when it is put on again.
    """

    _versions: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def add(self, document: Document, version: int = 0) -> None:
        """Remember that an object is gone; `version` is when, if it is later than the document's own."""
        self._versions[uid_of(document)] = max(version, version_of(document))
        if len(self._versions) > _DEPARTED_KNOWN:
            self._versions.popitem(last=False)

    def precludes(self, document: Document) -> bool:
        """Tell whether a document is of an object from before it was gone."""
        return version_of(document) <= self._versions.get(uid_of(document), -1)


@dataclass(slots=True)
class ChildCache:
    """Every child that the watch saw, found by its key and by its owner."""

    _by_key: dict[ChildKey, Document] = field(default_factory=dict)
    _by_owner: dict[ObjectKey, set[ChildKey]] = field(default_factory=dict)
    _departed: Departed = field(default_factory=Departed)

    def put(self, document: Document) -> bool:
        """Keep a child, unless something newer is known of it; tell whether it was kept."""
        key = child_key(document)
        known = self._by_key.get(key)
        if self._departed.precludes(document) or (known and version_of(known) > version_of(document)):
            return False
        self._forget_owner(key)
        self._by_key[key] = document
        if owner := owner_key(document):
            self._by_owner.setdefault(owner, set()).add(key)
        return True

    def remove(self, gone: Document, version: int = 0) -> None:
        """Forget a child that is gone, since `version` if that is later than its own."""
        self._departed.add(gone, version)
        key = child_key(gone)
        known = self._by_key.get(key)
        if known and uid_of(known) == uid_of(gone):
            self._forget_owner(key)
            del self._by_key[key]

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

    def _forget_owner(self, key: ChildKey) -> None:
        known = self._by_key.get(key)
        if known and (owner := owner_key(known)) and (siblings := self._by_owner.get(owner)):
            siblings.discard(key)
            if not siblings:
                del self._by_owner[owner]


@dataclass(slots=True)
class ObjectStore:
    """The newest body of each of our own objects, as kopf delivered it."""

    _bodies: dict[tuple[str, str], dict[str, Document]] = field(default_factory=dict)
    _departed: Departed = field(default_factory=Departed)

    def put(self, body: Document) -> bool:
        """Keep a body, unless something newer is known of the same object; tell whether it was kept."""
        key = object_key(body)
        known = self.get(key)
        if self._departed.precludes(body):
            return False
        if known and uid_of(known) == uid_of(body) and version_of(known) > version_of(body):
            return False
        self._bodies.setdefault((key.kind, key.namespace), {})[key.name] = body
        return True

    def remove(self, gone: Document, version: int = 0) -> None:
        """Forget an object that is gone, since `version` if that is later than its own."""
        self._departed.add(gone, version)
        key = object_key(gone)
        known = self.get(key)
        if known and uid_of(known) == uid_of(gone):
            del self._bodies[key.kind, key.namespace][key.name]

    def get(self, key: ObjectKey) -> Document | None:
        return self._bodies.get((key.kind, key.namespace), {}).get(key.name)

    def __len__(self) -> int:
        return sum(len(found) for found in self._bodies.values())

    def all_keys(self) -> list[ObjectKey]:
        return [ObjectKey(kind, namespace, name) for (kind, namespace), found in self._bodies.items() for name in found]

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


def object_key(body: Document) -> ObjectKey:
    """Return the key of one of our own objects."""
    return ObjectKey(body["kind"], body["metadata"].get("namespace", "default"), body["metadata"]["name"])


def uid_of(body: Document) -> str:
    return str(body["metadata"].get("uid", ""))


def system_ref(body: Document) -> str:
    """Return the name of the system that a strategy names; nothing where the spec is not even a document."""
    spec = body.get("spec")
    reference = spec.get("systemRef") if isinstance(spec, dict) else None
    name = reference.get("name") if isinstance(reference, dict) else None
    return name if isinstance(name, str) else ""


def is_going(body: Document) -> bool:
    """Tell whether an object is being deleted."""
    return bool(body["metadata"].get("deletionTimestamp"))
