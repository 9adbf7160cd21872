"""The API server as its administrator, over connections that stay open: thousands of requests, none through kubectl."""

import base64
import http.client
import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import yaml

Document = dict[str, Any]

API: Final = "/apis/signaltrading.io/v1alpha1"
PLURALS: Final = {"TradingSystem": "tradingsystems", "Strategy": "strategies"}
REFUSED: Final = 400
_BUSY: Final = frozenset({429, 503})
"""Answers of a moment, such as the one in which a changed definition is put to use."""
_BUSY_SECONDS: Final = 10.0
_MERGE: Final = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Document

    @property
    def refused(self) -> bool:
        return self.status >= REFUSED

    @property
    def fields(self) -> list[str]:
        """The fields that a refusal names."""
        causes = (self.body.get("details") or {}).get("causes") or []
        return [cause["field"] for cause in causes if cause.get("field", "<nil>") != "<nil>"]


@dataclass(slots=True)
class ApiServer:
    """Sends requests; each thread has a connection of its own."""

    host: str
    trust: ssl.SSLContext
    _own: threading.local = field(default_factory=threading.local)

    def call(self, method: str, path: str, body: object = None, content: str = "application/json") -> Answer:
        """Send one request and return what came back, refusals too; one that it has no time for is sent again."""
        data = None if body is None else json.dumps(body).encode()
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                answer = self._send(method, path, data, content)
                if answer.status not in _BUSY or time.monotonic() > deadline:
                    return answer
            except (http.client.HTTPException, OSError):
                self._own.connection = None
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def create(self, document: Document, **query: str) -> Answer:
        """Create one of our own objects; `query` may ask for a dry run or for strict validation."""
        path = path_of(document["kind"], document["metadata"]["namespace"])
        return self.call("POST", f"{path}?{urlencode(query)}", document)

    def merge(self, path: str, patch: Document) -> Answer:
        """Apply a merge patch to an object of any kind, by its path."""
        return self.call("PATCH", path, patch, _MERGE)

    def list(self, kind: str, **query: str) -> list[Document]:
        """Return the objects of a kind in all namespaces."""
        answer = self.call("GET", f"{path_of(kind)}?{urlencode(query)}")
        assert not answer.refused, answer
        items: list[Document] = answer.body["items"]
        return items

    def _send(self, method: str, path: str, data: bytes | None, content: str) -> Answer:
        connection = self._connection()
        connection.request(method, path, data, {"Content-Type": content, "Accept": "application/json"})
        response = connection.getresponse()
        return Answer(response.status, json.loads(response.read() or b"{}"))

    def _connection(self) -> http.client.HTTPSConnection:
        connection: http.client.HTTPSConnection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = http.client.HTTPSConnection(self.host, context=self.trust, timeout=30)
        return connection


def path_of(kind: str, namespace: str = "") -> str:
    """Return the path of a collection of our own objects."""
    where = f"namespaces/{namespace}/" if namespace else ""
    return f"{API}/{where}{PLURALS[kind]}"


def connect(kubeconfig: Path, folder: Path) -> ApiServer:
    """Return the API server of a kubeconfig that has its certificates inside; they are laid into a folder."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    trust = ssl.create_default_context(cadata=authority)
    files = {name: folder / f"{name}.pem" for name in ("client-certificate", "client-key")}
    for name, file in files.items():
        file.write_bytes(base64.b64decode(user[f"{name}-data"]))
    trust.load_cert_chain(files["client-certificate"], files["client-key"])
    return ApiServer(urlsplit(cluster["server"]).netloc, trust)
