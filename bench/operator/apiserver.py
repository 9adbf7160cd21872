"""The API server as the benchmarks use it, by aiohttp and orjson and nothing between: the floor of all clients."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import aiohttp
import orjson
from kubernetes import client, config

from trading_operator.cluster.credentials import Credentials
from trading_operator.kinds import BY_KIND, Kind
from trading_operator.labels import MANAGER

Document = dict[str, Any]
Item = TypeVar("Item")

AT_ONCE: Final = 16
"""Requests at the same time: as many as the operator's writer makes."""
PAGE: Final = 500
_APPLY: Final = "application/apply-patch+yaml"
_MERGE: Final = "application/merge-patch+json"
_METADATA: Final = "application/json;as=PartialObjectMetadata{};g=meta.k8s.io;v=v1"
_FIRST_ERROR: Final = 400


class ApiServerError(Exception):
    """The API server refused what a benchmark asked for."""


class ApiServer:
    """One connection pool. Use it as an asynchronous context."""

    def __init__(self, kubeconfig: Path, user_agent: str = "bench") -> None:
        self._credentials = _credentials(kubeconfig)
        self._user_agent = user_agent
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            base_url=self._credentials.server,
            connector=aiohttp.TCPConnector(ssl=self._credentials.ssl_context(), limit=0),
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"User-Agent": self._user_agent, "Accept": "application/json", **self._credentials.headers()},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http:
            await self._http.close()

    async def apply(self, document: Document) -> Document:
        """Server-side apply a document, as the operator does."""
        query = {"fieldManager": MANAGER, "force": "true"}
        return await self._call("PATCH", path_of(document), query=query, body=document, content=_APPLY)

    async def create(self, document: Document) -> Document:
        kind = _kind_of(document)
        return await self._call("POST", kind.path(document["metadata"].get("namespace")), body=document)

    async def merge(self, kind: Kind, namespace: str, name: str, patch: Document) -> Document:
        return await self._call("PATCH", kind.path(namespace, name), body=patch, content=_MERGE)

    async def delete(self, kind: Kind, namespace: str, name: str) -> None:
        await self._call("DELETE", kind.path(namespace, name))

    async def delete_all(self, kind: Kind, namespace: str, selector: str = "") -> None:
        """Delete what a namespace has of a kind, by one request."""
        await self._call("DELETE", kind.path(namespace), query=_selected(selector))

    async def pages(self, kind: Kind, selector: str = "", *, metadata_only: bool = False) -> AsyncIterator[Document]:
        """Yield a kind of the whole cluster, page by page."""
        query = {"limit": str(PAGE), **_selected(selector)}
        accept = _METADATA.format("List") if metadata_only else None
        while True:
            page = await self._call("GET", kind.path(None), query=query, accept=accept)
            page["items"] = page["items"] or []
            yield page
            if not (follows := page["metadata"].get("continue")):
                return
            query["continue"] = follows

    async def count(self, kind: Kind) -> int:
        """Return how many there are of a kind in the whole cluster."""
        return sum([len(page["items"]) async for page in self.pages(kind, metadata_only=True)])

    async def watch(
        self, kind: Kind, version: str, selector: str = "", *, metadata_only: bool = False
    ) -> AsyncIterator[Document]:
        """Yield the events of a kind in the whole cluster, for an hour."""
        query = {"watch": "true", "resourceVersion": version, "timeoutSeconds": "3600", **_selected(selector)}
        headers = {"Accept": _METADATA.format("")} if metadata_only else {}
        async with self._session.get(kind.path(None), params=query, headers=headers) as response:
            rest = b""
            async for chunk in response.content.iter_any():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield orjson.loads(line)

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            raise RuntimeError("an ApiServer is used outside of its context")
        return self._http

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Document | None = None,
        content: str = "application/json",
        accept: str | None = None,
    ) -> Document:
        headers = {"Content-Type": content, **({"Accept": accept} if accept else {})}
        data = orjson.dumps(body) if body is not None else None
        async with self._session.request(method, path, params=query, data=data, headers=headers) as response:
            answer = await response.read()
            if response.status >= _FIRST_ERROR:
                raise ApiServerError(
                    f"{method} {path}: HTTP {response.status}: {answer[:500].decode(errors='replace')}"
                )
            document: Document = orjson.loads(answer)
            return document


async def at_once(work: Callable[[Item], Coroutine[Any, Any, object]], items: Iterable[Item]) -> None:
    """Do the same with every item, as many at a time as the operator's writer does."""
    waiting = iter(items)

    async def lane() -> None:
        for item in waiting:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(lane())


def path_of(document: Document) -> str:
    """Return the URL path of an object."""
    metadata = document["metadata"]
    return _kind_of(document).path(metadata.get("namespace"), metadata["name"])


NAMESPACE: Final = Kind("", "v1", "Namespace", "namespaces")


def _kind_of(document: Document) -> Kind:
    return NAMESPACE if document["kind"] == NAMESPACE.kind else BY_KIND[document["apiVersion"], document["kind"]]


def _selected(selector: str) -> dict[str, str]:
    return {"labelSelector": selector} if selector else {}


def _credentials(kubeconfig: Path) -> Credentials:
    configuration = client.Configuration()
    config.load_kube_config(config_file=str(kubeconfig), client_configuration=configuration)  # type: ignore[no-untyped-call]  # the loaders have no types
    return Credentials(configuration, in_cluster=False)
