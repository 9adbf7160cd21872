"""Status documents: what was observed, dated, and compared with what is already written. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from trading_operator.api.strategy import Rollout
from trading_operator.api.tradingsystem import StrategyCount, TradingSystem
from trading_operator.catalog import RELEASE
from trading_operator.conditions import (
    Observation,
    StrategySituation,
    SystemSituation,
    observe_newcomer,
    observe_strategy,
    observe_system,
    observe_trouble,
)
from trading_operator.errors import WorldError
from trading_operator.names import REDIS_COMPONENT
from trading_operator.observed import Document
from trading_workloads.contract import HTTP_PORT, REDIS_SERVICE, SIGNAL_SERVICE

Status = dict[str, Any]

_SOFT_FIELDS: Final = frozenset({"lastSignal", "lastSignalText", "strategies", "services", "components", "inventory"})
"""Fields that follow the market, pods or other objects: they alone do not make a write at once."""
_KEPT_FIELDS: Final = frozenset({"lastSignal", "lastSignalText", "history"})
"""What stays true of a strategy that does not run."""


def newcomer_status(body: Document, now: datetime) -> Status:
    """Return the first status of an object."""
    return _bare(body, observe_newcomer(), now)


def fault_status(body: Document, observations: Iterable[Observation], now: datetime) -> Status:
    """Return the status of an object that cannot run; of a system, whose children stay, the report stays too."""
    previous: Status = body.get("status") or {}
    kept = (
        previous
        if body["kind"] == TradingSystem.__name__
        else {name: value for name, value in previous.items() if name in _KEPT_FIELDS}
    )
    return {**kept, **_bare(body, observations, now)}


def trouble_status(body: Document, error: WorldError, now: datetime) -> Status:
    """Return the status of an object whose passes fail: what was said before stands, except that all is well."""
    previous: Status = body.get("status") or {}
    told = dated(observe_trouble(error), body, now)
    types = {condition["type"] for condition in told}
    rest = [condition for condition in previous.get("conditions") or [] if condition["type"] not in types]
    return {**previous, "conditions": [*told, *rest]}


def _bare(body: Document, observations: Iterable[Observation], now: datetime) -> Status:
    return {
        "observedGeneration": body["metadata"].get("generation", 0),
        "conditions": dated(observations, body, now),
    }


def system_status(
    body: Document,
    situation: SystemSituation,
    *,
    inventory: Iterable[str],
    strategies: StrategyCount,
    now: datetime,
) -> Status:
    """Return the status of a TradingSystem."""
    components = [
        component.model_copy(update={"name": REDIS_COMPONENT}) if component.name == REDIS_SERVICE else component
        for component in situation.components
    ]
    services = [component for component in components if component.name != REDIS_COMPONENT]
    status: Status = {
        **_bare(body, observe_system(situation), now),
        "release": RELEASE,
        "services": f"{sum(component.ready for component in services)}/{len(services)}",
        "components": [
            component.model_dump(mode="json", by_alias=True, exclude_defaults=True) for component in components
        ],
        "strategies": strategies.model_dump(),
        "endpoint": _endpoint(situation.system),
        "inventory": sorted(inventory),
    }
    return _without_empty(status)


def strategy_status(body: Document, situation: StrategySituation, now: datetime) -> Status:
    """Return the status of a Strategy that can run. What a runner reported last stays when it is silent."""
    status = _bare(body, observe_strategy(situation), now)
    resolved = situation.accepted.resolved
    status["logic"] = resolved.logic
    status["expandedRules"] = resolved.expanded
    status["warmupBars"] = resolved.first_evaluated_bar
    reported = _reported(body, situation)
    history = _history(body, reported.get("activeRevision", ""), situation.strategy.spec.rollout, now)
    return _without_empty({**status, **reported, "history": history})


def _history(body: Document, revision: str, rollout: Rollout, now: datetime) -> list[Document]:
    """Return the revisions that wrote signals, newest first, with the one that does now."""
    known: list[Document] = (body.get("status") or {}).get("history") or []
    if not revision or (known and known[0]["revision"] == revision):
        return known
    active = {"revision": revision, "activatedTime": _stamp(now), "outcome": "Active"}
    return [active, *({**record, "outcome": "Superseded"} for record in known)][: rollout.revision_history_limit]


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _reported(body: Document, situation: StrategySituation) -> Status:
    """Return what runners told: the revision that writes signals, and the newest signal."""
    previous: Mapping[str, Any] = body.get("status") or {}
    kept = {name: previous[name] for name in ("activeRevision", *_KEPT_FIELDS) if name in previous}
    report = situation.report
    if not report or report["uid"] != situation.strategy.metadata.uid:
        return kept
    told: Status = {"activeRevision": report["revision"]}
    if not report["signals"]:
        kept = {name: value for name, value in kept.items() if name not in {"lastSignal", "lastSignalText"}}
    if last := report.get("lastSignal"):
        told["lastSignal"] = {name: last[name] for name in ("time", "symbol", "action")}
        told["lastSignalText"] = f"{last['symbol']} {last['action']} {last['time'][:10]}"
    return {**kept, **told}


def dated(observations: Iterable[Observation], body: Document, now: datetime) -> list[Document]:
    """Return observations as conditions; one whose status did not change keeps its time."""
    status = body.get("status") or {}
    before = {condition["type"]: condition for condition in status.get("conditions") or []}
    generation = body["metadata"].get("generation", 0)
    stamp = _stamp(now)
    found = []
    for observation in observations:
        known = before.get(observation.type)
        unchanged = known is not None and known.get("status") == observation.status
        found.append(
            {
                "type": observation.type,
                "status": observation.status,
                "observedGeneration": generation,
                "lastTransitionTime": known["lastTransitionTime"] if known and unchanged else stamp,
                "reason": observation.reason,
                "message": observation.message,
            }
        )
    return found


def differs(status: Status, written: Mapping[str, Any]) -> bool:
    """Tell whether a status is other than the one that is written, defaults of the schema apart."""
    return not _same(status, written)


def differs_softly(status: Status, written: Mapping[str, Any]) -> bool:
    """Tell whether a status differs only in what may wait: words, counts, the newest signal."""
    return differs(status, written) and not differs(_firm(status), _firm(written))


def _firm(status: Mapping[str, Any]) -> Status:
    conditions = [
        {name: value for name, value in condition.items() if name != "message"}
        for condition in status.get("conditions") or []
    ]
    rest = {name: value for name, value in status.items() if name not in _SOFT_FIELDS}
    return {**rest, "conditions": conditions}


def ready_of(body: Document) -> bool:
    """Tell whether an object is Ready by the status that it has."""
    conditions = (body.get("status") or {}).get("conditions") or []
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def _same(one: object, other: object) -> bool:
    """Tell whether two values are the same but for what the schema's defaults add: empty texts, zeros, empty lists."""
    if one == other:
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(_same(one.get(name), other.get(name)) for name in one.keys() | other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return _is_empty(one) and _is_empty(other)


def _is_empty(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_empty, value.values()))
    return value in ("", 0, None, [])


def _without_empty(status: Status) -> Status:
    return {name: value for name, value in status.items() if value not in ("", None, [], {})}


def _endpoint(system: TradingSystem) -> str:
    """Return the URL of the system inside of the cluster, until there is a gateway."""
    if not system.spec.services.signal.enabled:
        return ""
    return f"http://{SIGNAL_SERVICE}.{system.metadata.namespace}.svc:{HTTP_PORT}"
