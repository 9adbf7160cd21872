"""Somebody who never stops changing things, so that an operator always has something to write."""

import threading
from dataclasses import dataclass, field
from typing import Final, Self

from tests.integration.operator.apiserver import ApiServer, path_of

_EVERY_SECONDS: Final = 0.1


@dataclass(slots=True)
class Unrest:
    """Edits a strategy and a child, over and over, until its context ends."""

    server: ApiServer
    namespace: str
    strategy: str
    _edits: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()

    def _go_on(self) -> None:
        child = f"/api/v1/namespaces/{self.namespace}/configmaps/data-service"
        while not self._ended.wait(_EVERY_SECONDS):
            self._edits += 1
            edit = {"spec": {"signals": {"cooldownBars": self._edits % 100_000}}}
            self.server.merge(f"{path_of('Strategy', self.namespace)}/{self.strategy}", edit)
            self.server.merge(child, {"data": {"system.json": str(self._edits)}})
