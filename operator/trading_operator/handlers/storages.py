"""Storages that keep nothing: kopf must write no annotation, and must not compare objects with what it once saw."""

from collections.abc import Iterable
from typing import Any

import kopf


class NoDiffBase(kopf.DiffBaseStorage):
    """Knows nothing of earlier versions, so that a restored or cloned object is like a new one."""

    def build(self, *, body: kopf.Body, extra_fields: Iterable[Any] | None = None) -> Any:  # noqa: ANN401, ARG002 - kopf's signature
        return {}

    def fetch(self, *, body: kopf.Body) -> None:  # noqa: ARG002 - kopf's signature
        return None

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: Any) -> None:  # noqa: ANN401 - kopf's signature
        """Keep nothing."""


class NoProgress(kopf.ProgressStorage):
    """Knows nothing of handlers that ran: the queue is the only memory of what is to be done."""

    def fetch(self, *, key: Any, body: kopf.Body) -> None:  # noqa: ANN401, ARG002 - kopf's signature
        return None

    def store(self, *, key: Any, record: Any, body: kopf.Body, patch: kopf.Patch) -> None:  # noqa: ANN401 - kopf's signature
        """Keep nothing."""

    def purge(self, *, key: Any, body: kopf.Body, patch: kopf.Patch) -> None:  # noqa: ANN401 - kopf's signature
        """Have nothing to remove."""

    def touch(self, *, body: kopf.Body, patch: kopf.Patch, value: str | None) -> None:
        """Touch nothing."""

    def clear(self, *, essence: Any) -> Any:  # noqa: ANN401 - kopf's signature
        return essence
