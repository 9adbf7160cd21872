"""The verbs that the operator uses, on kinds of the catalog."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from trading_operator.cluster.session import Session
from trading_operator.cluster.underway import WritesUnderWay
from trading_operator.errors import NotFoundError
from trading_operator.kinds import EVENT, Kind
from trading_operator.labels import MANAGER

Document = dict[str, Any]

_APPLY: Final = {"Content-Type": "application/apply-patch+yaml"}
_MERGE: Final = {"Content-Type": "application/merge-patch+json"}
_JSON_PATCH: Final = {"Content-Type": "application/json-patch+json"}
_METADATA_ONLY: Final = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"}
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
NO_VERSION: Final = "1"
"""A resource version that no object has: the store begins with it, empty."""
PAGE: Final = 250
"""Objects per page of a list."""
WRITE_SECONDS: Final = 4
"""How long the API server works on a write before it drops it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, and where the next one and the watch go on."""

    items: list[Document]
    version: str
    next_page: str


class Client:
    """Reads and writes objects.

    `may_write` is asked as a write's body leaves, and raises FencedError where this replica does not lead; until the
    answer comes, the write is one of the `writes` under way.
    """

    def __init__(
        self, session: Session, may_write: Callable[[], None] = lambda: None, writes: WritesUnderWay | None = None
    ) -> None:
        self._session = session
        self._may_write = may_write
        self._writes = writes or WritesUnderWay()

    async def serves(self, kind: Kind) -> bool:
        """Tell whether the API server knows a kind."""
        root = f"/apis/{kind.group}/{kind.version}"
        try:
            answer = await self._session.call("GET", root, kind="APIResourceList")
        except NotFoundError:
            return False
        return any(resource["name"] == kind.plural for resource in answer.get("resources", []))

    async def find_metadata(self, kind: Kind, namespace: str, name: str) -> Document | None:
        """Return the metadata of an object, or None where there is none."""
        try:
            found: Document = await self._session.call(
                "GET", kind.path(namespace, name), kind=kind.kind, headers=_METADATA_ONLY
            )
        except NotFoundError:
            return None
        return found

    async def list_page(
        self, kind: Kind, namespace: str | None, *, selectors: Mapping[str, str] | None = None, page: str = ""
    ) -> Listing:
        """Return one page of a list."""
        query = {"limit": str(PAGE), **(selectors or {}), **({"continue": page} if page else {})}
        answer = await self._session.call("GET", kind.path(namespace), kind=kind.kind, query=query)
        metadata = answer.get("metadata", {})
        items = answer.get("items") or []
        for item in items:
            item["apiVersion"], item["kind"] = kind.api_version, kind.kind
        return Listing(items, metadata.get("resourceVersion", ""), metadata.get("continue", ""))

    async def pages(
        self, kind: Kind, namespace: str | None, selectors: Mapping[str, str] | None = None
    ) -> AsyncIterator[Listing]:
        """Give every object of a kind, page by page, all as of the version that each page names."""
        page = ""
        while True:
            listing = await self.list_page(kind, namespace, selectors=selectors, page=page)
            yield listing
            if not (page := listing.next_page):
                break

    @asynccontextmanager
    async def watch(
        self, kind: Kind, namespace: str | None, query: Mapping[str, str], silence_seconds: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give the lines of a watch."""
        asked = {"watch": "true", "allowWatchBookmarks": "true", **query}
        path = kind.path(namespace)
        async with self._session.lines(path, kind=kind.kind, query=asked, silence_seconds=silence_seconds) as lines:
            yield lines

    async def apply(self, kind: Kind, document: Document, *, force: bool) -> Document:
        """Server-side apply a document as the operator's field manager; return what the API server made of it."""
        metadata = document["metadata"]
        path = kind.path(metadata["namespace"], metadata["name"])
        return await self._apply(path, kind, document, force=force)

    async def create(self, kind: Kind, document: Document) -> Document:
        """Apply a document only where there is no object of its name. Raises ConflictError where there is one.

        A version that no object can have turns an apply into a create, in one request and as the same field manager.
        """
        metadata = {**document["metadata"], "resourceVersion": NO_VERSION}
        return await self.apply(kind, {**document, "metadata": metadata}, force=False)

    async def apply_status(self, kind: Kind, document: Document) -> Document:
        """Apply the status of one of our own objects; it has one author, so nobody's fields are taken."""
        metadata = document["metadata"]
        path = f"{kind.path(metadata['namespace'], metadata['name'])}/status"
        return await self._apply(path, kind, document, force=True)

    async def merge(self, kind: Kind, namespace: str, name: str, patch: Document) -> Document:
        """Apply a merge patch."""
        return await self._patch(kind.path(namespace, name), kind, patch, _MERGE)

    async def replace_managers(self, kind: Kind, document: Document, managed_fields: list[Document]) -> Document:
        """Write who holds which field of the very version that was seen. Raises RejectedError for another one."""
        metadata = document["metadata"]
        patch = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": metadata["resourceVersion"]},
            {"op": "replace", "path": "/metadata/managedFields", "value": managed_fields},
        ]
        return await self._patch(kind.path(metadata["namespace"], metadata["name"]), kind, patch, _JSON_PATCH)

    async def delete(self, kind: Kind, namespace: str, name: str, uid: str) -> None:
        """Delete the very object that was seen, and what depends on it in the background."""
        options = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        await self._write("DELETE", kind.path(namespace, name), kind, options)

    async def post_event(self, event: Document) -> None:
        """Create an Event."""
        await self._write("POST", EVENT.path(event["metadata"]["namespace"]), EVENT, event)

    async def _apply(self, path: str, kind: Kind, document: Document, *, force: bool) -> Document:
        return await self._patch(path, kind, document, _APPLY, {"force": "true" if force else "false"})

    async def _patch(
        self, path: str, kind: Kind, body: object, headers: Mapping[str, str], options: Mapping[str, str] = NOTHING
    ) -> Document:
        query = {"fieldManager": MANAGER, **options}
        answer: Document = await self._write("PATCH", path, kind, body, query=query, headers=headers)
        return answer

    async def _write(
        self,
        method: str,
        path: str,
        kind: Kind,
        body: object,
        *,
        query: Mapping[str, str] = NOTHING,
        headers: Mapping[str, str] = NOTHING,
    ) -> Any:  # noqa: ANN401 - the edge: whatever the server sent
        """Send a write that the API server itself gives up while the lease under which it was sent still counts."""
        bounded = {"timeout": f"{WRITE_SECONDS}s", **query}
        write = self._session.call(
            method, path, kind=kind.kind, query=bounded, body=body, headers=headers, guard=self._may_write
        )
        return await self._writes.see_through(write)
