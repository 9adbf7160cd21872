"""What a pass knows before it decides: our objects as models, read once per generation, and what belongs together."""

import base64
import binascii
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from trading_operator import reasons
from trading_operator.acceptance import Acceptance, AcceptedStrategy, parse_strategy, parse_system
from trading_operator.api.strategy import Strategy
from trading_operator.api.tradingsystem import StrategyCount, TradingSystem
from trading_operator.childcache import ChildCache
from trading_operator.desired.configuration import strategy_document
from trading_operator.errors import UserError
from trading_operator.kinds import SECRET, TRADING_SYSTEM
from trading_operator.names import TOKEN_KEY, TOKEN_SECRET
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import ChildKey, Document, ObjectKey, is_going, object_key, uid_of
from trading_operator.status import ready_of
from trading_workloads.contract import ControlDocument, StrategyDocument

MODELS_KEPT: Final = 2000
"""A model takes 13 to 33 kB, and some 50 to 130 microseconds to be made again."""
_Version = tuple[str, int]
"""Uid and generation: a spec never changes without them."""


@dataclass(slots=True)
class Gatherer:
    """Reads the store and the cache; asks nobody."""

    store: ObjectStore
    cache: ChildCache
    acceptance: Acceptance
    new_token: Callable[[], str]
    _parsed: OrderedDict[ObjectKey, tuple[_Version, TradingSystem | Strategy]] = field(default_factory=OrderedDict)
    _new_tokens: dict[str, str] = field(default_factory=dict)
    """By namespace, those that no Secret is known to have yet."""

    def system(self, body: Document) -> TradingSystem:
        """Return a TradingSystem as a model. Raises UserError."""
        found = self._remembered(body) or self._remember(body, parse_system(body))
        assert isinstance(found, TradingSystem)  # noqa: S101 - tells the type checker; the kind is the body's
        return found

    def strategy(self, body: Document) -> Strategy:
        """Return a Strategy as a model. Raises UserError."""
        found = self._remembered(body) or self._remember(body, parse_strategy(body))
        assert isinstance(found, Strategy)  # noqa: S101 - tells the type checker; the kind is the body's
        return found

    def accept_system(self, system: TradingSystem) -> tuple[str, ...]:
        """Return the paths of a system that have no effect. Raises UserError for one that cannot run."""
        unsupported = self.acceptance.accept_system(system)
        self._check_namespace(system)
        return unsupported

    def system_of(self, strategy: Strategy) -> TradingSystem | None:
        """Return the system that a strategy names, or None. Raises UserError where that system is stalled."""
        name, namespace = strategy.spec.system_ref.name, strategy.metadata.namespace
        body = self.store.get(ObjectKey("TradingSystem", namespace, name))
        if body is None or is_going(body):
            return None
        try:
            system = self.system(body)
            self.accept_system(system)
        except UserError as error:
            told = f'Strategy "{strategy.metadata.name}": spec.systemRef.name: "{name}" cannot run: {error.message}'
            raise UserError(reasons.SYSTEM_NOT_ACCEPTED, told) from error
        return system

    def accepted_strategies(self, system: TradingSystem) -> dict[str, tuple[Strategy, AcceptedStrategy]]:
        """Return every strategy of a system that can run, by name; the others say so themselves."""
        found = {}
        for body in self.store.strategies(system.metadata.namespace, system.metadata.name):
            if is_going(body):
                continue
            try:
                strategy = self.strategy(body)
                found[strategy.metadata.name] = (strategy, self.acceptance.accept_strategy(strategy, system))
            except UserError:
                continue
        return found

    def count_strategies(self, system: TradingSystem) -> StrategyCount:
        bodies = self.store.strategies(system.metadata.namespace, system.metadata.name)
        return StrategyCount(total=len(bodies), ready=sum(ready_of(body) for body in bodies))

    def token(self, namespace: str) -> str:
        """Return the token of a namespace's system; where there is none yet, a new one, the same until there is."""
        secret = self.cache.get(ChildKey(SECRET, namespace, TOKEN_SECRET))
        try:
            written = base64.b64decode(((secret or {}).get("data") or {}).get(TOKEN_KEY, ""), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            written = ""
        if written:
            self._new_tokens.pop(namespace, None)
        elif namespace not in self._new_tokens:
            self._new_tokens[namespace] = self.new_token()
        return written or self._new_tokens[namespace]

    def forget(self, key: ObjectKey) -> None:
        """Drop what is remembered of an object that is gone."""
        self._parsed.pop(key, None)
        if key.kind == TRADING_SYSTEM.kind:
            self._new_tokens.pop(key.namespace, None)
        self.acceptance.forget(key.namespace, key.name)

    def _check_namespace(self, system: TradingSystem) -> None:
        holder = self._holder(system.metadata.namespace)
        if holder and (name := holder["metadata"]["name"]) != system.metadata.name:
            namespace = system.metadata.namespace
            told = f'TradingSystem "{system.metadata.name}": namespace "{namespace}" already has "{name}"'
            raise UserError(
                reasons.NAMESPACE_TAKEN, f"{told}, which is older; expected one TradingSystem in a namespace"
            )

    def _holder(self, namespace: str) -> Document | None:
        return next((body for body in self.store.systems(namespace) if not is_going(body)), None)

    def _remembered(self, body: Document) -> TradingSystem | Strategy | None:
        key = object_key(body)
        known = self._parsed.get(key)
        if known is None or known[0] != _version(body):
            return None
        self._parsed.move_to_end(key)
        return known[1]

    def _remember(self, body: Document, model: TradingSystem | Strategy) -> TradingSystem | Strategy:
        self._parsed[object_key(body)] = (_version(body), model)
        if len(self._parsed) > MODELS_KEPT:
            self._parsed.popitem(last=False)
        return model


def _version(body: Document) -> _Version:
    return uid_of(body), body["metadata"].get("generation", 0)


def documents_of(strategies: dict[str, tuple[Strategy, AcceptedStrategy]]) -> dict[str, StrategyDocument]:
    """Return strategies as their runners get them."""
    return {name: strategy_document(strategy, accepted.revision) for name, (strategy, accepted) in strategies.items()}


def shared_of(
    strategies: dict[str, tuple[Strategy, AcceptedStrategy]], documents: dict[str, StrategyDocument]
) -> list[StrategyDocument]:
    """Return the documents of those that run in the system's pool."""
    return [documents[name] for name, (found, _) in strategies.items() if found.spec.placement == "Shared"]


def control_of(system: TradingSystem, documents: dict[str, StrategyDocument]) -> ControlDocument:
    """Return what the runners of a system should do."""
    return {"trading": system.spec.trading.state, "strategies": documents}
