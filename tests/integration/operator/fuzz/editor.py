"""Somebody whose strategy is healthy and who goes on working while others put nonsense beside it."""

import threading
import time
from dataclasses import dataclass, field
from typing import Self

from tests.integration.operator.apiserver import ApiServer, path_of
from tests.integration.operator.process import wait_for


@dataclass(slots=True)
class Editor:
    """Edits a healthy strategy over and over, and measures how long it takes until its runner would know."""

    server: ApiServer
    namespace: str
    name: str
    seconds: list[float] = field(default_factory=list)
    _edits: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Edit in the background until the context ends."""
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()

    def edit(self) -> float:
        """Make one edit; return how long it took until it stood in the pool's configuration."""
        self._edits += 1
        began = time.monotonic()
        patch = {"spec": {"signals": {"cooldownBars": self._edits}}}
        self.server.merge(f"{path_of('Strategy', self.namespace)}/{self.name}", patch)
        wait_for(self._is_taken, f"edit {self._edits} of {self.name} is taken", 60)
        return time.monotonic() - began

    def _go_on(self) -> None:
        while not self._ended.wait(0.5):
            self.seconds.append(self.edit())

    def _is_taken(self) -> bool:
        path = f"/api/v1/namespaces/{self.namespace}/configmaps/signal-service"
        written_down: str = (self.server.call("GET", path).body.get("data") or {}).get(f"{self.name}.json", "")
        return f'"cooldownBars":{self._edits}' in written_down.replace(" ", "")
