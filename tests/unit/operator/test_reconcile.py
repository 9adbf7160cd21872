"""What a pass waits for, and when a newcomer is told that it is seen."""

import asyncio
import base64
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.operator.factories import CATALOG, as_seen, children, make_system, system_body
from trading_operator.acceptance import Acceptance
from trading_operator.childcache import ChildCache
from trading_operator.cluster.writer import Outcome
from trading_operator.desired.children import desired_system
from trading_operator.errors import ApiError
from trading_operator.gathering import Gatherer
from trading_operator.manifests import SystemManifests
from trading_operator.names import TOKEN_KEY
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import Document, object_key
from trading_operator.reconcile import Reconciler

KNOWN = {"conditions": [{"type": "Told", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}


class Stage:
    """A reconciler over one system, with a writer and a reporter that only note what they are asked."""

    def __init__(self, body: Document, *, introduced_after: float = 60.0) -> None:
        self.body, self.cache, self.store = body, ChildCache(), ObjectStore()
        self.applied: list[Document] = []
        self.told: list[str] = []
        self.children_are_there = asyncio.Event()
        self.children_are_there.set()
        self.secrets_are_listed = asyncio.Event()
        self.secrets_are_listed.set()
        self.waiting = asyncio.Event()
        self.error: Exception | None = None
        self.store.put(body)
        parts: dict[str, Any] = {
            "writer": SimpleNamespace(apply=self._apply, prune=self._prune),
            "reporter": SimpleNamespace(write=self._write),
            "conversations": SimpleNamespace(end=lambda _: None),
        }
        self.reconciler = Reconciler(
            store=self.store,
            cache=self.cache,
            gatherer=Gatherer(self.store, self.cache, Acceptance(CATALOG), new_token=lambda: "new"),
            manifests=SystemManifests(desired_system, CATALOG),
            catalog=CATALOG,
            now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
            enqueue=lambda _: None,
            wait_for_secrets=self._wait_for_secrets,
            introduced_after=introduced_after,
            **parts,
        )

    async def make_pass(self) -> None:
        await self.reconciler.reconcile(object_key(self.body))

    async def _wait_for_secrets(self, namespace: str) -> None:
        assert namespace == "trading"
        self.waiting.set()
        await self.secrets_are_listed.wait()

    async def _apply(self, _: object, manifests: list[Document]) -> Outcome:
        await self.children_are_there.wait()
        if self.error:
            raise self.error
        self.applied.extend(manifests)
        return Outcome()

    async def _prune(self, *_: object) -> None:
        """Have nothing to remove."""

    async def _write(self, body: Document, status: Document) -> Document:
        ready = next(condition for condition in status["conditions"] if condition["type"] == "Ready")
        self.told.append(ready["status"])
        if ready["status"] == "Unknown":
            self.children_are_there.set()
        return {**body, "status": status}


async def test_pass_takes_the_token_of_a_secret_that_is_listed_only_now() -> None:
    """As in the first pass of an operator that works everywhere, over a namespace with hundreds before it."""
    stage = Stage({**system_body(), "status": KNOWN})
    stage.secrets_are_listed.clear()
    running = asyncio.create_task(stage.make_pass())
    await asyncio.wait_for(stage.waiting.wait(), 1)
    secret = as_seen(children(make_system())["Secret/trading-internal"])
    secret["data"] = {TOKEN_KEY: base64.b64encode(b"old").decode()}
    stage.cache.put(secret)
    stage.secrets_are_listed.set()
    await asyncio.wait_for(running, 1)
    tokens = [base64.b64decode(found["data"][TOKEN_KEY]) for found in stage.applied if found["kind"] == "Secret"]
    assert tokens == [b"old"]


async def test_newcomer_whose_children_come_soon_gets_one_status() -> None:
    stage = Stage(system_body())
    await stage.make_pass()
    assert stage.told == ["False"]


async def test_newcomer_whose_children_take_a_while_is_told_first_that_it_is_seen() -> None:
    stage = Stage(system_body(), introduced_after=0.01)
    stage.children_are_there.clear()
    await asyncio.wait_for(stage.make_pass(), 5)
    assert stage.told == ["Unknown", "False"]
    assert stage.applied


async def test_newcomer_whose_children_cannot_be_written_is_told_that_it_is_seen() -> None:
    stage = Stage(system_body())
    stage.error = ApiError(500, "out of order")
    with pytest.raises(ApiError):
        await stage.make_pass()
    assert stage.told == ["Unknown"]


async def test_object_with_a_status_is_not_introduced_again() -> None:
    stage = Stage({**system_body(), "status": KNOWN}, introduced_after=0.01)
    stage.error = ApiError(500, "out of order")
    with pytest.raises(ApiError):
        await stage.make_pass()
    assert stage.told == []
