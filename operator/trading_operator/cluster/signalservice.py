"""Calls to the signal service of a system: directly inside the cluster, else through the API server's proxy."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

import aiohttp
import orjson

from trading_operator.cluster.session import Session
from trading_operator.errors import ServiceCallError, WorldError
from trading_workloads import contract
from trading_workloads.contract import ControlDocument, StatusDocument, StrategyReport

log = logging.getLogger(__name__)

_TIMEOUT: Final = aiohttp.ClientTimeout(total=3)
_FIRST_ERROR: Final = 400


class Transport(Protocol):
    """A way to the signal service."""

    async def request(self, method: str, namespace: str, path: str, token: str, body: object = None) -> Any:  # noqa: ANN401 - JSON of another process
        """Return the JSON answer. Raises ServiceCallError."""


@dataclass(slots=True)
class SignalServices:
    """What the operator asks and tells signal services."""

    transport: Transport
    may_write: Callable[[], None] = lambda: None
    """Raises FencedError where this replica does not lead: two replicas must not tell runners different things."""

    async def status(self, namespace: str, token: str) -> StatusDocument:
        """Return how the strategies of a system run. Raises ServiceCallError."""
        answer = await self.transport.request("GET", namespace, contract.STATUS_PATH, token)
        if not isinstance(answer, dict) or not isinstance(answer.get("strategies"), dict):
            raise ServiceCallError(f"{contract.STATUS_PATH}: found no document with strategies")
        status: StatusDocument = {
            "trading": answer.get("trading", "Active"),
            "strategies": {name: report for name, report in answer["strategies"].items() if _is_report(report)},
            "sources": answer.get("sources", {}),
        }
        if strange := sorted(answer["strategies"].keys() - status["strategies"].keys()):
            log.warning("reports are not understood", extra={"namespace": namespace, "strategies": strange})
        return status

    async def control(self, namespace: str, token: str, document: ControlDocument) -> None:
        """Tell the runners of a system what to do. Raises ServiceCallError, and FencedError."""
        self.may_write()
        await self.transport.request("PUT", namespace, contract.CONTROL_PATH, token, document)


def _is_report(report: object) -> bool:
    """Tell whether a report has what every report has: a runner of another release may say other things."""
    return isinstance(report, dict) and report.keys() >= StrategyReport.__required_keys__


class DirectTransport:
    """HTTP to the Service, for an operator inside of the cluster. Use it as an asynchronous context."""

    def __init__(self) -> None:
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=_TIMEOUT)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http:
            await self._http.close()

    async def request(self, method: str, namespace: str, path: str, token: str, body: object = None) -> Any:  # noqa: ANN401 - JSON of another process
        """Return the JSON answer. Raises ServiceCallError."""
        if self._http is None:
            raise RuntimeError("a DirectTransport is used outside of its context")
        url = f"http://{contract.SIGNAL_SERVICE}.{namespace}.svc:{contract.HTTP_PORT}{path}"
        headers = {contract.TOKEN_HEADER: token, "Content-Type": "application/json"}
        data = orjson.dumps(body) if body is not None else None
        try:
            async with self._http.request(method, url, data=data, headers=headers) as response:
                content = await response.read()
                if response.status >= _FIRST_ERROR:
                    told = content[:300].decode(errors="replace")
                    raise ServiceCallError(f"{method} {path}: HTTP {response.status}: {told}")
                return orjson.loads(content) if content else None
        except (aiohttp.ClientError, OSError, orjson.JSONDecodeError) as error:
            raise ServiceCallError(f"{method} {path}: {type(error).__name__}: {error}") from error


@dataclass(slots=True)
class ProxyTransport:
    """The API server's service proxy, for an operator outside of the cluster."""

    session: Session

    async def request(self, method: str, namespace: str, path: str, token: str, body: object = None) -> Any:  # noqa: ANN401 - JSON of another process
        """Return the JSON answer. Raises ServiceCallError."""
        service = f"http:{contract.SIGNAL_SERVICE}:{contract.HTTP_PORT}"
        where = f"/api/v1/namespaces/{namespace}/services/{service}/proxy{path}"
        headers = {contract.TOKEN_HEADER: token}
        try:
            return await self.session.call(method, where, kind="services/proxy", body=body, headers=headers)
        except WorldError as error:
            raise ServiceCallError(f"{method} {path}: {error}") from error
