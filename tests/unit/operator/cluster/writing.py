"""A writer over an API server that keeps what is applied, and a recorder that remembers."""

import copy
from dataclasses import dataclass, field
from typing import Any

from tests.unit.operator.factories import as_seen, children, make_system
from trading_operator.capabilities import Capabilities
from trading_operator.change import Owner
from trading_operator.childcache import ChildCache
from trading_operator.cluster.writer import Writer
from trading_operator.errors import ConflictError
from trading_operator.kinds import Kind
from trading_operator.metrics import Metrics
from trading_operator.observed import Document, ObjectKey, trim_child

KEY = ObjectKey("TradingSystem", "trading", "desk")
OWNER = Owner(KEY, "uid-of-desk", "desk")
SERVICE = children(make_system())["Service/data-service"]
CLAIM = children(make_system(redis={"managed": {"storage": {}}}))["PersistentVolumeClaim/redis-service"]


@dataclass
class FakeClient:
    """An API server that keeps what is applied, and fails as it is told. Its methods take what the real ones take."""

    objects: dict[tuple[str, str], Document] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    filled_in: Document = field(default_factory=dict)
    """What comes back when it is removed."""
    kept_by_others: Document = field(default_factory=dict)
    """What an apply leaves alone."""

    @property
    def version(self) -> int:
        """What an object has that was written last."""
        return len(self.writes) + 100

    async def apply(self, kind: Kind, document: Document, *, force: bool) -> Document:
        name = document["metadata"]["name"]
        self.writes.append(f"apply {kind.kind}/{name}{' force' if force else ''}{_replicas(document)}")
        if waiting := self.failures.get(name):
            raise waiting.pop(0)
        answer = as_seen({**document, **self.kept_by_others}, version=self.version)
        self.objects[kind.kind, name] = answer
        return copy.deepcopy(answer)

    async def create(self, kind: Kind, document: Document) -> Document:
        if (kind.kind, document["metadata"]["name"]) in self.objects:
            raise ConflictError(409, "the object has been modified")
        return await self.apply(kind, document, force=False)

    async def replace_managers(self, kind: Kind, document: Document, managed_fields: list[Document]) -> Document:
        self.writes.append(f"managers {kind.kind}/{document['metadata']['name']} {len(managed_fields)}")
        return copy.deepcopy(document)

    async def merge(self, kind: Kind, namespace: str, name: str, patch: Document) -> Document:  # noqa: ARG002 - as the real one
        self.writes.append(f"merge {kind.kind}/{name} {patch}")
        if waiting := self.failures.get(name):
            raise waiting.pop(0)
        answer = as_seen(_merged(_merged(self.objects[kind.kind, name], patch), self.filled_in), version=self.version)
        self.objects[kind.kind, name] = answer
        return copy.deepcopy(answer)

    async def find_metadata(self, kind: Kind, namespace: str, name: str) -> Document | None:  # noqa: ARG002 - as the real one
        return copy.deepcopy(self.objects.get((kind.kind, name)))

    async def delete(self, kind: Kind, namespace: str, name: str, uid: str) -> None:  # noqa: ARG002 - as the real one
        self.writes.append(f"delete {kind.kind}/{name}")
        if waiting := self.failures.get(name):
            raise waiting.pop(0)
        if not self.objects[kind.kind, name]["metadata"].get("finalizers"):
            del self.objects[kind.kind, name]


def _merged(document: Document, patch: Document) -> Document:
    """Return a document with a merge patch applied."""
    kept = {name: value for name, value in document.items() if name not in patch}
    changed = {name: value for name, value in patch.items() if value is not None}
    inner = {name: _merged(document[name], value) for name, value in changed.items() if isinstance(value, dict)}
    return {**kept, **changed, **inner}


def _replicas(document: Document) -> str:
    found = (document.get("spec") or {}).get("replicas")
    return "" if found is None else f" replicas={found}"


@dataclass
class Told:
    """A recorder that only remembers."""

    reasons: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def tell(self, key: ObjectKey, uid: str, reason: str, message: str, kind: str = "Normal") -> None:  # noqa: ARG002 - as the real one
        assert (key, uid) == (KEY, "uid-of-desk")
        self.messages.append(message)
        self.reasons.append(reason)


@dataclass
class Stage:
    client: FakeClient = field(default_factory=FakeClient)
    cache: ChildCache = field(default_factory=ChildCache)
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        self.capabilities = Capabilities(changed=lambda: None)
        edges: Any = (self.client, self.cache, self.capabilities, self.told)
        self.writer = Writer(*edges, Metrics())

    def exists(self, manifest: Document, **changes: Any) -> None:
        """Put a child into the API server and the cache, changed as somebody changed it."""
        document = as_seen({**copy.deepcopy(manifest), **changes}, version=self.client.version)
        self.client.objects[document["kind"], document["metadata"]["name"]] = document
        self.cache.put(trim_child(document))
