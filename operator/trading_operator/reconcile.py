"""One pass over one object: gather, desire, apply, prune, report."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from trading_operator import reasons
from trading_operator.api.strategy import Strategy
from trading_operator.api.tradingsystem import Component
from trading_operator.catalog import Catalog
from trading_operator.change import Owner
from trading_operator.childcache import ChildCache
from trading_operator.cluster.writer import Outcome, Writer
from trading_operator.components import components_of, has_ready_pods, held_children
from trading_operator.conditions import StrategySituation, SystemSituation, observe_fault
from trading_operator.conversation import Conversations
from trading_operator.desired.children import desired_strategy
from trading_operator.desired.configuration import strategy_document
from trading_operator.errors import NotFoundError, OwnerGoneError, UserError, WorldError
from trading_operator.gathering import Gatherer, control_of, documents_of, shared_of
from trading_operator.kinds import DEPLOYMENT, TRADING_SYSTEM
from trading_operator.manifests import SystemManifests
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import ChildKey, Document, ObjectKey, child_key, is_going, object_key, system_ref, uid_of
from trading_operator.reporting import Reporter
from trading_operator.status import (
    fault_status,
    newcomer_status,
    ready_of,
    strategy_status,
    system_status,
    trouble_status,
)
from trading_operator.unsupported import unsupported_strategy, unsupported_system
from trading_workloads.contract import SIGNAL_SERVICE, ControlDocument

INTRODUCED_AFTER: Final = 0.6
"""Seconds after which an object without a status gets one, though there is nothing to say of it yet. It is due within
one; written at once it would be old a moment later, and costs the API server as much as four children."""


@dataclass(slots=True)
class Reconciler:
    """Makes the cluster match our objects, one object at a time."""

    store: ObjectStore
    cache: ChildCache
    gatherer: Gatherer
    writer: Writer
    reporter: Reporter
    conversations: Conversations
    manifests: SystemManifests
    catalog: Catalog
    now: Callable[[], datetime]
    enqueue: Callable[[ObjectKey], None]
    wait_until_seen: Callable[[str], Awaitable[None]]
    introduced_after: float = INTRODUCED_AFTER
    _pools: dict[ObjectKey, bool] = field(default_factory=dict)

    async def reconcile(self, key: ObjectKey) -> None:
        """Make one pass. Raises WorldError, after which the pass is made again later."""
        body = self.store.get(key)
        if body is None or is_going(body):
            self._forget(key)
            return
        try:
            await (self._system(body) if key.kind == TRADING_SYSTEM.kind else self._strategy(body))
        except (OwnerGoneError, NotFoundError):
            if await self.writer.owner_is_there(key, uid_of(body)):
                raise
            self.store.forget(body)
            self._forget(key)

    async def report_trouble(self, key: ObjectKey, error: WorldError) -> None:
        """Say in an object's status that passes over it fail. Raises WorldError where even that fails."""
        if body := self.store.get(key):
            await self.reporter.write(body, trouble_status(body, error, self.now()))

    async def _system(self, body: Document) -> None:
        try:
            system = self.gatherer.system(body)
            unsupported = self.gatherer.accept_system(system)
        except UserError as fault:
            await self._report_fault(body, fault)
            return
        await self.wait_until_seen(system.metadata.namespace)
        strategies = self.gatherer.accepted_strategies(system)
        documents = documents_of(strategies)
        shared = shared_of(strategies, documents)
        token = self.gatherer.token(system.metadata.namespace)

        self._converse(object_key(body), control_of(system, documents), token)  # a child that fails must not hold it up
        manifests = self.manifests.of(system, shared, token)
        body, outcome = await self._write(body, system.metadata.name, manifests)
        children = self.cache.children_of(object_key(body))
        components = components_of(manifests, children)
        situation = SystemSituation(
            system=system,
            unsupported=unsupported,
            refusals=tuple(outcome.refusals),
            unserved=tuple(outcome.unserved),
            components=tuple(components),
            held=held_children(children),
        )
        status = system_status(
            body,
            situation,
            inventory=[child_key(manifest).inventory_entry for manifest in manifests],
            strategies=self.gatherer.count_strategies(system),
            now=self.now(),
        )
        await self.reporter.write(body, status)

    async def _strategy(self, body: Document) -> None:
        try:
            strategy = self.gatherer.strategy(body)
            system = self.gatherer.system_of(strategy)
            accepted = self.gatherer.acceptance.accept_strategy(strategy, system)
        except UserError as fault:
            if fault.reason not in reasons.CHILDREN_STAY:
                await self.writer.prune(_owner(body, system_ref(body)), set())
            await self._report_fault(body, fault)
            return
        assert system is not None  # noqa: S101 - accept_strategy refuses a strategy without a system
        document = strategy_document(strategy, accepted.revision)
        await self.wait_until_seen(strategy.metadata.namespace)

        manifests = desired_strategy(strategy, system, document, self.catalog)
        body, outcome = await self._write(body, system.metadata.name, manifests)
        children = self.cache.children_of(object_key(body))
        pool = _system_key(strategy)
        available = self._pool_is_available(strategy.metadata.namespace)
        if available and not outcome.refusals and self.conversations.undecided(pool):
            await self._introduce(body)
            return  # the first answer brings another pass; until then what was said before stands
        situation = StrategySituation(
            strategy=strategy,
            system=system,
            accepted=accepted,
            refusals=tuple(outcome.refusals),
            runner=_runner(components_of(manifests, children)),
            pool_is_available=available,
            answered=self.conversations.answered(pool),
            trading=self.conversations.trading(pool),
            report=self.conversations.report(pool, strategy.metadata.name),
            held=held_children(children),
        )
        await self._report_strategy(body, situation)

    async def _write(self, body: Document, system: str, manifests: list[Document]) -> tuple[Document, Outcome]:
        """Apply what is desired, then remove what nothing asks for; return the object as it is by then."""
        owner = _owner(body, system)
        applying = self.writer.apply(owner, manifests)
        if _is_newcomer(body):
            body, outcome = await self._introduced(body, applying)
        else:
            outcome = await applying
        await self.writer.prune(owner, {child_key(manifest) for manifest in manifests})
        return body, outcome

    async def _introduced(self, body: Document, applying: Coroutine[None, None, Outcome]) -> tuple[Document, Outcome]:
        """Wait for the children of a newcomer; if they take a while, or fail, say first that it is seen."""
        children = asyncio.create_task(applying)
        try:
            await asyncio.wait({children}, timeout=self.introduced_after)
            if not children.done() or children.exception():
                body = await self._introduce(body)
            return body, await children
        finally:
            children.cancel()

    async def _introduce(self, body: Document) -> Document:
        """Say of a newcomer that it is seen, and return it with that."""
        return await self.reporter.write(body, newcomer_status(body, self.now())) if _is_newcomer(body) else body

    def _converse(self, key: ObjectKey, wanted: ControlDocument, token: str) -> None:
        """Talk to the signal service while it is available; what strategies can say of themselves depends on it."""
        available = self._pool_is_available(key.namespace)
        if available:
            self.conversations.want(key, wanted, token)
        else:
            self.conversations.end(key)
        if self._pools.get(key, available) != available:
            for body in self.store.strategies(key.namespace, key.name):
                self.enqueue(object_key(body))
        self._pools[key] = available

    def _pool_is_available(self, namespace: str) -> bool:
        return has_ready_pods(self.cache.get(ChildKey(DEPLOYMENT, namespace, SIGNAL_SERVICE)))

    async def _report_strategy(self, body: Document, situation: StrategySituation) -> None:
        written = await self.reporter.write(body, strategy_status(body, situation, self.now()))
        if ready_of(written) != ready_of(body):
            self.enqueue(_system_key(situation.strategy))

    async def _report_fault(self, body: Document, fault: UserError) -> None:
        """Say what is wrong with an object; whatever else it asks for in vain is said too."""
        try:
            paths = (
                unsupported_system(self.gatherer.system(body).spec)
                if body["kind"] == TRADING_SYSTEM.kind
                else unsupported_strategy(self.gatherer.strategy(body).spec)
            )
        except UserError:
            paths = ()
        written = await self.reporter.write(body, fault_status(body, observe_fault(fault, paths), self.now()))
        if body["kind"] != TRADING_SYSTEM.kind and ready_of(written) != ready_of(body):
            self.enqueue(ObjectKey(TRADING_SYSTEM.kind, body["metadata"]["namespace"], system_ref(body)))

    def _forget(self, key: ObjectKey) -> None:
        """Drop what is remembered of an object that is gone or going; garbage collection removes its children."""
        self.conversations.end(key)
        self._pools.pop(key, None)
        self.reporter.forget(key)


def _is_newcomer(body: Document) -> bool:
    return not (body.get("status") or {}).get("conditions")


def _owner(body: Document, system: str) -> Owner:
    status = body.get("status") or {}
    settled = bool(status.get("inventory")) or any(
        condition["type"] == "Ready" and condition["status"] == "True" for condition in status.get("conditions") or []
    )
    return Owner(object_key(body), uid_of(body), system, settled)


def _runner(components: list[Component]) -> Component | None:
    return components[0] if components else None


def _system_key(strategy: Strategy) -> ObjectKey:
    return ObjectKey(TRADING_SYSTEM.kind, strategy.metadata.namespace, strategy.spec.system_ref.name)
