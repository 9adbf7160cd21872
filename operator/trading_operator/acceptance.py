"""Whether an object can be run as it is written: pure checks, in order; the first fault is told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from trading_operator import reasons
from trading_operator.api.base import NAME_PATTERN, ApiModel
from trading_operator.api.cel import broken_rules
from trading_operator.api.mistakes import mistakes_of
from trading_operator.api.services import Source
from trading_operator.api.strategy import Strategy
from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import RELEASE, Catalog
from trading_operator.errors import InvalidSpecError, UserError
from trading_operator.unsupported import (
    refused_strategy,
    refused_system,
    unsupported_strategy,
    unsupported_system,
)
from trading_workloads.rules import ResolvedStrategy, RuleError, resolve_strategy, revision_of

_MISTAKES_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class AcceptedStrategy:
    """A strategy that can be run: what its logic means, and the revision that its signals belong to."""

    resolved: ResolvedStrategy
    revision: str
    unsupported: tuple[str, ...] = ()


@dataclass(slots=True)
class _Known:
    """What is remembered of a strategy, as long as it stays of this uid and generation."""

    version: tuple[str, int]
    unsupported: tuple[str, ...]
    resolved: ResolvedStrategy | UserError | None = None
    image: str = ""
    revision: str = ""


@dataclass(slots=True)
class Acceptance:
    """Checks objects, and remembers the answers: rules are parsed once per generation, not once per pass."""

    catalog: Catalog
    _strategies: dict[tuple[str, str], _Known] = field(default_factory=dict)
    _systems: dict[tuple[str, str], tuple[tuple[str, int], tuple[str, ...]]] = field(default_factory=dict)

    def accept_system(self, system: TradingSystem) -> tuple[str, ...]:
        """Return the paths that have no effect. Raises UserError for what could not run at all."""
        place, version = _place(system), _version(system)
        known = self._systems.get(place)
        if known is None or known[0] != version:
            known = self._systems[place] = (version, accept_system(system))
        return known[1]

    def accept_strategy(self, strategy: Strategy, system: TradingSystem | None) -> AcceptedStrategy:
        """Return a strategy ready to run on a system. Raises UserError, naming the strategy and the field."""
        known = self._known(strategy)
        check_name(strategy)
        if path := refused_strategy(known.unsupported):
            raise _fault(strategy, reasons.UNSUPPORTED, f"{path} is not in release {RELEASE}")
        if system is None:
            name = strategy.spec.system_ref.name
            found = f'spec.systemRef.name: found "{name}", expected a TradingSystem of this namespace'
            raise _fault(strategy, reasons.SYSTEM_NOT_FOUND, f"{found}; none has that name")
        if known.resolved is None:
            known.resolved = _resolve(strategy)
        if isinstance(known.resolved, UserError):
            raise UserError(known.resolved.reason, known.resolved.message)  # anew: one that is kept gathers tracebacks
        _check_source(strategy, system.spec.services.data.sources)
        image = self.catalog.workload_image(system.spec.images)
        if image != known.image:
            known.image, known.revision = image, revision_of(strategy.spec, image)
        return AcceptedStrategy(known.resolved, known.revision, known.unsupported)

    def forget(self, namespace: str, name: str) -> None:
        """Drop what is remembered of an object that is gone."""
        self._strategies.pop((namespace, name), None)
        self._systems.pop((namespace, name), None)

    def _known(self, strategy: Strategy) -> _Known:
        place, version = _place(strategy), _version(strategy)
        known = self._strategies.get(place)
        if known is None or known.version != version:
            known = self._strategies[place] = _Known(version, unsupported_strategy(strategy.spec))
        return known


def _place(owner: TradingSystem | Strategy) -> tuple[str, str]:
    return owner.metadata.namespace, owner.metadata.name


def _version(owner: TradingSystem | Strategy) -> tuple[str, int]:
    return owner.metadata.uid, owner.metadata.generation


def accept_system(system: TradingSystem) -> tuple[str, ...]:
    """Return the paths that have no effect. Raises UserError for what could not run at all."""
    check_name(system)
    unsupported = unsupported_system(system.spec)
    if path := refused_system(unsupported):
        raise _fault(system, reasons.UNSUPPORTED, f"{path} is not in release {RELEASE}, which has one managed Redis")
    return unsupported


def check_name(owner: TradingSystem | Strategy) -> None:
    """Raise UserError for a name that children cannot be labelled and addressed with."""
    if not re.fullmatch(NAME_PATTERN, owner.metadata.name):
        expected = "a DNS label: lower case letters, digits and dashes, at most 63"
        found = f'metadata.name: found "{owner.metadata.name}", expected {expected}'
        raise _fault(owner, reasons.INVALID_SPEC, found)


def parse_system(body: Mapping[str, Any]) -> TradingSystem:
    """Return a TradingSystem from what the API server has. Raises InvalidSpecError for what the schema refuses."""
    try:
        system = TradingSystem.model_validate({**body, "status": {}}, by_name=False)
    except ValidationError as error:
        raise _invalid(body, mistakes_of(error, body, TradingSystem)) from error
    _check_rules(body, system.spec)
    return system


def parse_strategy(body: Mapping[str, Any]) -> Strategy:
    """Return a Strategy from what the API server has. Raises InvalidSpecError for what the schema refuses."""
    try:
        strategy = Strategy.model_validate({**body, "status": {}}, by_name=False)
    except ValidationError as error:
        raise _invalid(body, mistakes_of(error, body, Strategy)) from error
    _check_rules(body, strategy.spec)
    return strategy


def _resolve(strategy: Strategy) -> ResolvedStrategy | UserError:
    try:
        return resolve_strategy(strategy.spec)
    except RuleError as error:
        return _fault(strategy, reasons.INVALID_RULES, error.message)


def _check_source(strategy: Strategy, sources: list[Source]) -> None:
    asked = strategy.spec.data
    source = next((source for source in sources if source.name == asked.source), None)
    if source is None:
        names = ", ".join(source.name for source in sources) or "none: the system has no source"
        found = f'spec.data.source: found "{asked.source}", expected one of {names}'
        raise _fault(strategy, reasons.SOURCE_NOT_FOUND, found)
    if source.timeframe != asked.timeframe:
        expected = f'expected {source.timeframe}, the timeframe of source "{source.name}"'
        raise _fault(strategy, reasons.SOURCE_NOT_FOUND, f"spec.data.timeframe: found {asked.timeframe}, {expected}")


def _fault(owner: TradingSystem | Strategy, reason: str, problem: str) -> UserError:
    return UserError(reason, f'{owner.kind} "{owner.metadata.name}": {problem}')


def _check_rules(body: Mapping[str, Any], spec: ApiModel) -> None:
    """Raise InvalidSpecError for what the definition's rules refuse: the object may be older than they are."""
    if broken := list(broken_rules(spec, "spec")):
        raise _invalid(body, broken)


def _invalid(body: Mapping[str, Any], mistakes: Sequence[str]) -> InvalidSpecError:
    told = "; ".join(mistakes[:_MISTAKES_TOLD])
    more = f"; and {len(mistakes) - _MISTAKES_TOLD} more" if len(mistakes) > _MISTAKES_TOLD else ""
    return InvalidSpecError(reasons.INVALID_SPEC, f'{body["kind"]} "{body["metadata"]["name"]}": {told}{more}')
