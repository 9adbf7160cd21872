"""Requests to the API server: one shared session, JSON by orjson, errors as our own."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import aiohttp
import orjson
from aiohttp.abc import AbstractStreamWriter

from trading_operator.catalog import RELEASE
from trading_operator.cluster.credentials import Credentials
from trading_operator.errors import (
    ApiError,
    ConflictError,
    ExistsError,
    ExpiredError,
    FencedError,
    ForbiddenError,
    NotFoundError,
    RejectedError,
    UnreachableError,
)
from trading_operator.labels import MANAGER
from trading_operator.metrics import Metrics

JSON: Final = "application/json"
USER_AGENT: Final = f"{MANAGER}/{RELEASE}"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30, sock_connect=5)
_NOT_IN_YAML: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON may hold as it is and YAML, as which the API server reads what is applied, may not or takes for a line."""
_FIRST_ERROR: Final = 400
_FORBIDDEN: Final = 403
_EXPIRED: Final = 410
_CONFLICT: Final = 409
_NOT_FOUND: Final = 404
_REJECTED: Final = frozenset({400, 405, 413, 415, 422})

PLAIN: Final = "identity"
"""Within a cluster the network is wide; to pack a listing and to unpack it costs both sides more than to send it."""
Guard = Callable[[], None]
"""Raises what forbids a write."""


def read(content: bytes) -> Any:  # noqa: ANN401 - the edge: whatever the server sent
    """Return what JSON says. Raises UnreachableError for anything else: it was not the API server that answered."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise UnreachableError(f"found {content[:40]!r}, expected JSON of the API server") from error


class GuardedBody(aiohttp.BytesPayload):
    """A body that leaves only if it may: asked last of all, after the wait for a connection."""

    def __init__(self, content: bytes, guard: Guard) -> None:
        super().__init__(content, content_type=JSON)
        self._guard = guard

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Write the body. Raises what the guard raises; a request without its body changes nothing."""
        self._guard()
        await super().write_with_length(writer, content_length)


class Session:
    """One connection pool to the API server. Use it as an asynchronous context."""

    def __init__(self, credentials: Credentials, metrics: Metrics) -> None:
        self._credentials = credentials
        self._metrics = metrics
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            # No limit: a watch holds a connection for its life, and a lease must not wait behind it.
            ssl=self._credentials.ssl_context(),
            limit=0,
            keepalive_timeout=60,
            enable_cleanup_closed=False,
        )
        self._http = aiohttp.ClientSession(
            base_url=self._credentials.server,
            connector=connector,
            timeout=_TIMEOUT,
            headers={"Accept": JSON, "Accept-Encoding": PLAIN, "User-Agent": USER_AGENT},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http:
            await self._http.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        kind: str,
        query: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        guard: Guard | None = None,
    ) -> Any:  # noqa: ANN401 - the edge: whatever the server sent
        """Return the JSON answer of one request. Raises ApiError, UnreachableError, and what a guard raises."""
        content = written(body) if body is not None else None
        data = GuardedBody(content, guard) if guard and content is not None else content
        if guard:
            guard()
        async with self._request(method, path, kind=kind, query=query, data=data, headers=headers) as response:
            content = await response.read()
            return read(content) if content else None

    @asynccontextmanager
    async def lines(
        self, path: str, *, kind: str, query: Mapping[str, str], silence_seconds: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give the lines of a streaming answer; a silence longer than allowed ends it by UnreachableError."""
        limits = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=silence_seconds)
        async with self._request("GET", path, kind=kind, query=query, limits=limits) as response:
            yield _lines_of(response)

    @asynccontextmanager
    async def _request(
        self,
        method: str,
        path: str,
        *,
        kind: str,
        query: Mapping[str, str] | None = None,
        data: bytes | GuardedBody | None = None,
        headers: Mapping[str, str] | None = None,
        limits: aiohttp.ClientTimeout = _TIMEOUT,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._http is None:
            raise RuntimeError("a Session is used outside of its context")
        sent = {"Content-Type": JSON, **self._credentials.headers(), **(headers or {})}
        try:
            async with self._http.request(
                method, path, params=query, data=data, headers=sent, timeout=limits
            ) as response:
                self._metrics.api_requests.labels(method, kind, str(response.status)).inc()
                if response.status >= _FIRST_ERROR:
                    raise _error_of(response, await response.read())
                yield response
        except (aiohttp.ClientError, OSError) as error:
            if isinstance(error.__cause__, FencedError):  # the guard's, which aiohttp takes for a lost connection
                raise error.__cause__ from None
            self._metrics.api_requests.labels(method, kind, "none").inc()
            raise UnreachableError(f"{method} {path}: {type(error).__name__}: {error}") from error


def written(body: object) -> bytes:
    """Return a document as JSON that is YAML too: users' text may have any character, and stands in messages."""
    content = orjson.dumps(body)
    if content.isascii() and b"\x7f" not in content:
        return content
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", content.decode()).encode()


async def _lines_of(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Split a stream into lines of any length; aiohttp's own reader refuses long ones."""
    rest = b""
    async for chunk in response.content.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line:
                yield line


def _error_of(response: aiohttp.ClientResponse, body: bytes) -> ApiError:
    answer = _status_of(body)
    asked = response.headers.get("Retry-After", "")
    causes = (answer.get("details") or {}).get("causes") or []
    return error_for(
        response.status,
        str(answer.get("message", "")) or body[:200].decode(errors="replace"),
        str(answer.get("reason", "")),
        retry_after=float(asked) if asked.isdigit() else 0.0,
        fields=tuple(cause.get("field", "") for cause in causes),
    )


def _status_of(body: bytes) -> dict[str, Any]:
    """Return the Status document of an error; what stands between us and the API server may answer otherwise."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def error_for(
    status: int, message: str, reason: str = "", *, retry_after: float = 0.0, fields: tuple[str, ...] = ()
) -> ApiError:
    """Return the error that an HTTP status stands for."""
    if status == _CONFLICT:
        kind: type[ApiError] = ExistsError if reason == "AlreadyExists" else ConflictError
    elif status in _REJECTED:
        kind = RejectedError
    else:
        kind = {_FORBIDDEN: ForbiddenError, _NOT_FOUND: NotFoundError, _EXPIRED: ExpiredError}.get(status, ApiError)
    return kind(status, message, reason, retry_after=retry_after, fields=fields)
