"""The real API server, as the harness reaches it: as the administrator, and on behalf of operators."""

import asyncio
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self

import aiohttp
import orjson
from kubernetes import client, config

from trading_operator.cluster.credentials import Credentials
from trading_operator.kinds import BY_KIND, Kind

Document = dict[str, Any]

_APPLY: Final = {"Content-Type": "application/apply-patch+yaml"}
AGAIN_SECONDS: Final = 0.2
_NEVER: Final = aiohttp.ClientTimeout(total=None)
"""The proxy has no patience of its own: how long to wait is the operator's decision."""


class RefusedError(AssertionError):
    """The API server did not do what the harness asked."""


class ApiServer:
    """Connections to one API server, in one event loop. Use it as an asynchronous context."""

    def __init__(self, kubeconfig: Path) -> None:
        configuration = client.Configuration()
        config.load_kube_config(str(kubeconfig), client_configuration=configuration)
        self._administrator = Credentials(configuration, in_cluster=False)
        self._sessions: tuple[aiohttp.ClientSession, aiohttp.ClientSession] | None = None

    async def __aenter__(self) -> Self:
        # A certificate goes before a token: with the administrator's, every operator would have all rights.
        nobody = ssl.create_default_context(cafile=self._administrator.configuration.ssl_ca_cert)
        self._sessions = self._session(self._administrator.ssl_context()), self._session(nobody)
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in self._open_sessions:
            await session.close()

    @property
    def for_others(self) -> aiohttp.ClientSession:
        """The session for whoever brings their own credentials."""
        return self._open_sessions[1]

    @property
    def _open_sessions(self) -> tuple[aiohttp.ClientSession, aiohttp.ClientSession]:
        if self._sessions is None:
            raise RuntimeError("an ApiServer is used outside of its context")
        return self._sessions

    def _session(self, trust: ssl.SSLContext) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            base_url=self._administrator.server,
            connector=aiohttp.TCPConnector(ssl=trust, limit=0),
            timeout=_NEVER,
            auto_decompress=False,
        )

    async def apply(self, document: Document) -> None:
        """Apply a document as a user does."""
        metadata = document["metadata"]
        kind = BY_KIND[document["apiVersion"], document["kind"]]
        path = f"{kind.path(metadata['namespace'], metadata['name'])}?fieldManager=user&force=true"
        await self._call("PATCH", path, document, _APPLY)

    async def delete(self, kind: Kind, namespace: str, name: str) -> None:
        await self._call("DELETE", kind.path(namespace, name), {"propagationPolicy": "Background"})

    async def find(self, kind: Kind, namespace: str, name: str) -> Document | None:
        """Return an object, or None where there is none."""
        found = await self._call("GET", kind.path(namespace, name))
        return None if found.get("code") == HTTPStatus.NOT_FOUND else found

    async def list_all(self, kind: Kind, namespace: str) -> list[Document]:
        """Return every object of a kind in a namespace."""
        answer = await self._call("GET", kind.path(namespace))
        return [{**item, "apiVersion": kind.api_version, "kind": kind.kind} for item in answer["items"]]

    async def _call(
        self, method: str, path: str, body: Document | None = None, headers: Mapping[str, str] | None = None
    ) -> Document:
        sent = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            **self._administrator.headers(),
            **(headers or {}),
        }
        data = orjson.dumps(body) if body is not None else None
        while True:
            async with self._open_sessions[0].request(method, path, data=data, headers=sent) as response:
                answer: Document = orjson.loads(await response.read())
            if response.status == HTTPStatus.TOO_MANY_REQUESTS:  # it was restarted, and reads its storage
                await asyncio.sleep(AGAIN_SECONDS)
            elif response.status >= HTTPStatus.BAD_REQUEST and response.status != HTTPStatus.NOT_FOUND:
                raise RefusedError(f"{method} {path}: {response.status}: {answer.get('message')}")
            else:
                return answer
