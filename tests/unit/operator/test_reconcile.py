import asyncio
import base64
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from tests.unit.operator.factories import CATALOG, as_seen, children, make_system, system_body
from trading_operator.acceptance import Acceptance
from trading_operator.childcache import ChildCache
from trading_operator.cluster.writer import Outcome
from trading_operator.gathering import Gatherer
from trading_operator.names import TOKEN_KEY
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import Document, object_key
from trading_operator.reconcile import Reconciler


async def test_pass_takes_the_token_of_a_secret_that_is_listed_only_now() -> None:
    """As in the first pass of an operator that works everywhere, over a namespace with hundreds before it."""
    store, cache, listed, reached = ObjectStore(), ChildCache(), asyncio.Event(), asyncio.Event()
    body = system_body()
    body["status"] = {"conditions": [{"type": "Told", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
    store.put(body)
    applied: list[Document] = []

    async def wait_for_secrets(namespace: str) -> None:
        assert namespace == "trading"
        reached.set()
        await listed.wait()

    async def apply(_: object, manifests: list[Document]) -> Outcome:
        applied.extend(manifests)
        return Outcome()

    async def nothing(*_: object) -> None:
        """Have nothing to write."""

    parts: dict[str, Any] = {
        "writer": SimpleNamespace(apply=apply, prune=nothing),
        "reporter": SimpleNamespace(write=nothing),
        "conversations": SimpleNamespace(end=lambda _: None),
        "enqueue": lambda _: None,
    }
    reconciler = Reconciler(
        store=store,
        cache=cache,
        gatherer=Gatherer(store, cache, Acceptance(CATALOG), new_token=lambda: "new"),
        catalog=CATALOG,
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        wait_for_secrets=wait_for_secrets,
        **parts,
    )
    running = asyncio.create_task(reconciler.reconcile(object_key(body)))
    await asyncio.wait_for(reached.wait(), 1)
    secret = as_seen(children(make_system())["Secret/trading-internal"])
    secret["data"] = {TOKEN_KEY: base64.b64encode(b"old").decode()}
    cache.put(secret)
    listed.set()
    await asyncio.wait_for(running, 1)
    tokens = [base64.b64decode(found["data"][TOKEN_KEY]) for found in applied if found["kind"] == "Secret"]
    assert tokens == [b"old"]
