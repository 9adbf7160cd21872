"""What a pass waits for, and when a newcomer is told that it is seen."""

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.operator.factories import CATALOG, as_seen, children, make_system, strategy_body, system_body
from trading_operator.acceptance import Acceptance
from trading_operator.childcache import ChildCache
from trading_operator.cluster.writer import Outcome
from trading_operator.desired.children import desired_system
from trading_operator.errors import ApiError, NotFoundError, OwnerGoneError
from trading_operator.gathering import Gatherer
from trading_operator.manifests import SystemManifests
from trading_operator.names import TOKEN_KEY
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import Document, object_key
from trading_operator.reconcile import Reconciler
from trading_workloads.contract import ControlDocument

KNOWN = {"conditions": [{"type": "Told", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}


class Stage:
    """A reconciler over one system, with a writer and a reporter that only note what they are asked."""

    def __init__(self, body: Document, *, introduced_after: float = 60.0) -> None:
        self.body, self.cache, self.store = body, ChildCache(), ObjectStore()
        self.applied: list[Document] = []
        self.told: list[str] = []
        self.children_are_there = asyncio.Event()
        self.children_are_there.set()
        self.children_are_seen = asyncio.Event()
        self.children_are_seen.set()
        self.waiting = asyncio.Event()
        self.error: Exception | None = None
        self.pruned = False
        self.talked: list[str] = []
        self.owner_is_there = True
        self.meanwhile: Callable[[], None] = lambda: None
        self.store.put(body)
        parts: dict[str, Any] = {
            "writer": SimpleNamespace(apply=self._apply, prune=self._prune, owner_is_there=self._owner_is_there),
            "reporter": SimpleNamespace(write=self._write, forget=lambda _: None),
            "conversations": SimpleNamespace(end=self._end, want=self._want, undecided=lambda _: False),
        }
        self.reconciler = Reconciler(
            store=self.store,
            cache=self.cache,
            gatherer=Gatherer(self.store, self.cache, Acceptance(CATALOG), new_token=lambda: "new"),
            manifests=SystemManifests(desired_system, CATALOG),
            catalog=CATALOG,
            now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
            enqueue=lambda _: None,
            wait_until_seen=self._wait_until_seen,
            introduced_after=introduced_after,
            **parts,
        )

    async def make_pass(self) -> None:
        await self.reconciler.reconcile(object_key(self.body))

    async def _wait_until_seen(self, namespace: str) -> None:
        assert namespace == "trading"
        self.waiting.set()
        await self.children_are_seen.wait()

    async def _apply(self, _: object, manifests: list[Document]) -> Outcome:
        await self.children_are_there.wait()
        if self.error:
            raise self.error
        self.applied.extend(manifests)
        return Outcome()

    async def _prune(self, *_: object) -> None:
        self.pruned = True

    async def _owner_is_there(self, *_: object) -> bool:
        self.meanwhile()
        return self.owner_is_there

    def _end(self, *_: object) -> None:
        self.talked.append("end")

    def _want(self, _key: object, control: ControlDocument, _token: str) -> None:
        self.talked.append(control["trading"])

    async def _write(self, body: Document, status: Document) -> Document:
        ready = next(condition for condition in status["conditions"] if condition["type"] == "Ready")
        self.told.append(ready["status"])
        if ready["status"] == "Unknown":
            self.children_are_there.set()
        return {**body, "status": status}


async def test_pass_takes_the_token_of_a_secret_that_is_listed_only_now() -> None:
    """As in the first pass of an operator that works everywhere, over a namespace with hundreds before it."""
    stage = Stage({**system_body(), "status": KNOWN})
    stage.children_are_seen.clear()
    running = asyncio.create_task(stage.make_pass())
    await asyncio.wait_for(stage.waiting.wait(), 1)
    secret = as_seen(children(make_system())["Secret/trading-internal"])
    secret["data"] = {TOKEN_KEY: base64.b64encode(b"old").decode()}
    stage.cache.put(secret)
    stage.children_are_seen.set()
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


async def test_successor_of_an_object_that_went_in_its_pass_is_kept() -> None:
    """As when somebody replaces a system: its children are collected, and the pass asks whether it is still there."""
    stage = Stage({**system_body(), "status": KNOWN})
    successor = system_body()
    successor["metadata"] |= {"uid": "another", "resourceVersion": "50"}
    stage.error, stage.owner_is_there = OwnerGoneError("gone"), False
    stage.meanwhile = lambda: stage.store.put(successor) and None
    await stage.make_pass()
    assert stage.store.get(object_key(stage.body)) is successor


async def test_object_that_went_in_its_pass_is_forgotten() -> None:
    stage = Stage({**system_body(), "status": KNOWN})
    stage.error, stage.owner_is_there = NotFoundError(404, "namespace gone"), False
    await stage.make_pass()
    assert stage.store.get(object_key(stage.body)) is None


async def test_error_about_an_object_that_is_there_is_the_worlds() -> None:
    stage = Stage({**system_body(), "status": KNOWN})
    stage.error = NotFoundError(404, "something else")
    with pytest.raises(NotFoundError):
        await stage.make_pass()
    assert stage.store.get(object_key(stage.body))


async def test_kill_switch_does_not_wait_for_a_child_that_cannot_be_written() -> None:
    stage = Stage({**system_body(trading={"state": "Halted"}), "status": KNOWN})
    service = as_seen(children(make_system())["Deployment/signal-service"])
    stage.cache.put({**service, "status": {"readyReplicas": 1}})
    stage.error = ApiError(500, "a webhook is away")
    with pytest.raises(ApiError):
        await stage.make_pass()
    assert stage.talked == ["Halted"]


@pytest.mark.parametrize(
    ("strategy", "stays"),
    [
        (strategy_body(systemRef={"name": "elsewhere"}), False),
        (strategy_body(logic={"rules": {"enterLong": "smaa(close, 3) > 1"}}), False),
        (strategy_body(data={"source": "unknown"}), False),
        (strategy_body(state="Sleeping"), True),
    ],
    ids=["no-such-system", "wrong-rule", "no-such-source", "no-such-state"],
)
async def test_pod_of_a_strategy_goes_unless_nobody_can_tell_what_was_meant(strategy: Document, *, stays: bool) -> None:
    stage = Stage({**strategy, "status": KNOWN})
    stage.store.put(system_body())
    await stage.make_pass()
    assert stage.told == ["False"]
    assert stage.pruned != stays


async def test_pod_of_a_strategy_stays_while_its_system_is_not_accepted() -> None:
    stage = Stage({**strategy_body(), "status": KNOWN})
    stage.store.put(system_body(trading={"state": "Sleeping"}))
    await stage.make_pass()
    assert (stage.told, stage.pruned) == (["False"], False)
