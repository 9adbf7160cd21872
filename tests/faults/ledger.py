"""What an operator asked of the API server: each request with verb and moment, so that a hot loop can be seen."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

WRITES: Final = frozenset({"create", "update", "patch", "delete"})
ASIDE: Final = frozenset({"events", "leases"})
"""Written beside the work: an Event may be lost, a Lease is renewed for ever. Counted, and no point of a sweep."""
_VERBS: Final = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, in Kubernetes' words."""

    verb: str
    target: str
    """Resource, name and subresource, such as `strategies/alpha/status`."""
    at: float
    body: bytes = b""
    """What was sent, for whoever has to explain a write that should not be."""

    @property
    def is_write(self) -> bool:
        return self.verb in WRITES and self.target.partition("/")[0] not in ASIDE

    @property
    def is_watch(self) -> bool:
        return self.verb == "watch"

    def __str__(self) -> str:
        return f"{self.verb}/{self.target}"


def read_request(method: str, path: str, *, is_watch: bool, at: float, body: bytes = b"") -> Sent:
    """Return what a request is, by its method and path."""
    target = _target(path)
    if method in _VERBS:
        return Sent(_VERBS[method], target, at, body)
    if is_watch:
        return Sent("watch", target, at)
    return Sent("get" if "/" in target else "list", target, at)


def _target(path: str) -> str:
    """Return a path without group, version and namespace: `/api/v1/namespaces/x/secrets/y` is `secrets/y`."""
    words = path.strip("/").split("/")
    rest = words[2:] if words[0] == "api" else words[3:]
    return "/".join(rest[2:] if rest[:1] == ["namespaces"] else rest)


@dataclass(slots=True)
class Ledger:
    """Every request of one operator, over all of its lives."""

    clock: Callable[[], float] = time.monotonic
    sent: list[Sent] = field(default_factory=list)
    _open: int = 0
    _written: float = float("-inf")

    @contextmanager
    def entry(self, method: str, path: str, body: bytes, *, is_watch: bool) -> Iterator[Sent]:
        """Write a request down as it arrives, and note when it is over."""
        request = read_request(method, path, is_watch=is_watch, at=self.clock(), body=body)
        self.sent.append(request)
        self._open += request.is_write
        try:
            yield request
        finally:
            if request.is_write:
                self._open -= 1
                self._written = self.clock()

    def mark(self) -> int:
        """Return a place to count from later."""
        return len(self.sent)

    def writes(self, since: int = 0) -> list[Sent]:
        return [request for request in self.sent[since:] if request.is_write]

    def verbs(self, since: int = 0) -> Counter[str]:
        """Return how many requests there were of each verb."""
        return Counter(request.verb for request in self.sent[since:])

    def watched(self, since: int = 0) -> set[str]:
        """Return which collections a watch was opened on."""
        return {request.target for request in self.sent[since:] if request.is_watch}

    def is_quiet(self, seconds: float) -> bool:
        """Tell whether nothing is being written, nor was for so long."""
        return not self._open and self.clock() - self._written >= seconds
