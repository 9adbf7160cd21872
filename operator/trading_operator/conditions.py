"""What is said about an object: ordered chains of named checks; the first problem is the reason for Ready."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

from trading_operator import reasons
from trading_operator.acceptance import AcceptedStrategy
from trading_operator.api.strategy import Strategy
from trading_operator.api.tradingsystem import Component, TradingSystem
from trading_operator.catalog import RELEASE
from trading_operator.errors import UserError, WorldError
from trading_operator.kinds import CLAIM, Kind
from trading_operator.names import REDIS_COMPONENT
from trading_operator.observed import ChildKey
from trading_workloads.contract import REDIS_SERVICE, StrategyReport, TradingState

_PASSING: Final = frozenset({"WaitingForSource", "StoreError"})
"""What runners report and what goes away by itself; everything else waits for somebody to change an object."""

Truth = Literal["True", "False", "Unknown"]
Situation = TypeVar("Situation")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an object is not ready. Stalled: nothing will change until somebody changes an object."""

    reason: str
    message: str
    stalled: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """One condition, before it is dated."""

    type: str
    status: Truth
    reason: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class SystemSituation:
    """All that the conditions of a TradingSystem depend on."""

    system: TradingSystem
    unsupported: tuple[str, ...] = ()
    refusals: tuple[UserError, ...] = ()
    unserved: tuple[Kind, ...] = ()
    components: tuple[Component, ...] = ()
    held: Mapping[ChildKey, str] = field(default_factory=dict)
    """Children that are being deleted and do not go, with what holds them."""


@dataclass(frozen=True, slots=True)
class StrategySituation:
    """All that the conditions of a Strategy depend on."""

    strategy: Strategy
    system: TradingSystem
    accepted: AcceptedStrategy
    refusals: tuple[UserError, ...] = ()
    runner: Component | None = None
    pool_is_available: bool = False
    answered: bool = False
    trading: TradingState | None = None
    report: StrategyReport | None = None
    held: Mapping[ChildKey, str] = field(default_factory=dict)
    """Children that are being deleted and do not go, with what holds them."""


def children_are_accepted(situation: SystemSituation | StrategySituation) -> Problem | None:
    if not situation.refusals:
        return None
    message = "; ".join(refusal.message for refusal in situation.refusals)
    return Problem(situation.refusals[0].reason, message, stalled=True)


def components_are_ready(situation: SystemSituation) -> Problem | None:
    unready = [f"{component.name} {component.message}" for component in situation.components if not component.ready]
    return Problem(reasons.SERVICES_NOT_AVAILABLE, "; ".join(unready)) if unready else None


def signal_service_is_enabled(situation: StrategySituation) -> Problem | None:
    if situation.system.spec.services.signal.enabled:
        return None
    where = f'TradingSystem "{situation.system.metadata.name}": spec.services.signal.enabled'
    return Problem(
        reasons.SIGNAL_SERVICE_DISABLED, f"{where}: found false, expected true to run a strategy", stalled=True
    )


def runner_is_available(situation: StrategySituation) -> Problem | None:
    runner = situation.runner
    if runner is None or runner.ready:
        return None
    return Problem(reasons.DEPLOYMENT_NOT_AVAILABLE, f"{runner.name} {runner.message}")


def pool_is_available(situation: StrategySituation) -> Problem | None:
    if situation.pool_is_available:
        return None
    return Problem(reasons.SERVICES_NOT_AVAILABLE, "signal-service is not available yet; its system says more")


def signal_service_answers(situation: StrategySituation) -> Problem | None:
    if situation.answered:
        return None
    return Problem(reasons.SIGNAL_SERVICE_SILENT, "signal-service does not answer the operator", unknown=True)


def runners_follow_the_kill_switch(situation: StrategySituation) -> Problem | None:
    asked = situation.system.spec.trading.state
    if situation.trading == asked:
        return None
    told = f"runners have not followed the system's spec.trading.state yet: found {situation.trading}, expected {asked}"
    return Problem(reasons.WAITING_FOR_RUNNER, told)


def runner_has_taken_it_over(situation: StrategySituation) -> Problem | None:
    report, accepted, metadata = situation.report, situation.accepted, situation.strategy.metadata
    if report and (report["uid"], report["generation"], report["revision"]) == (
        metadata.uid,
        metadata.generation,
        accepted.revision,
    ):
        return None
    return Problem(reasons.WAITING_FOR_RUNNER, f"no runner has reported generation {metadata.generation} yet")


def runner_reports_no_problem(situation: StrategySituation) -> Problem | None:
    if not situation.report or not (problem := situation.report.get("problem")):
        return None
    name = f'Strategy "{situation.strategy.metadata.name}"'
    message = problem["message"] if problem["message"].startswith(name) else f"{name}: {problem['message']}"
    return Problem(problem["reason"], message, stalled=problem["reason"] not in _PASSING)


SYSTEM_READY: Final[tuple[Callable[[SystemSituation], Problem | None], ...]] = (
    children_are_accepted,  # else what is missing below would be told, and not why
    components_are_ready,
)
STRATEGY_READY: Final[tuple[Callable[[StrategySituation], Problem | None], ...]] = (
    children_are_accepted,
    signal_service_is_enabled,
    runner_is_available,
    pool_is_available,  # it carries the reports of all strategies
    signal_service_answers,
    runners_follow_the_kill_switch,
    runner_has_taken_it_over,
    runner_reports_no_problem,
)


def observe_system(situation: SystemSituation) -> list[Observation]:
    """Return every condition of a TradingSystem."""
    problem = _first_problem(SYSTEM_READY, situation)
    available = components_are_ready(situation)
    found = _standing(problem, Observation("Ready", "True", reasons.SUCCEEDED, "every service is available"))
    services = (
        Observation("ServicesAvailable", "False", available.reason, available.message)
        if available
        else Observation("ServicesAvailable", "True", reasons.AVAILABLE)
    )
    return [
        *found,
        services,
        _durability(situation),
        *_held(situation.held),
        *_unserved(situation.unserved),
        *_unsupported(situation.unsupported),
    ]


def observe_strategy(situation: StrategySituation) -> list[Observation]:
    """Return every condition of a Strategy."""
    problem = _first_problem(STRATEGY_READY, situation)
    found = _standing(problem, _running(situation))
    return [*found, *_warmth(situation), *_held(situation.held), *_unsupported(situation.accepted.unsupported)]


def observe_fault(fault: UserError, unsupported: Iterable[str] = ()) -> list[Observation]:
    """Return what is said of an object that cannot run as it is written."""
    problem = Problem(fault.reason, fault.message, stalled=True)
    return [*_standing(problem, Observation("Ready", "True", "")), *_unsupported(unsupported)]


def observe_trouble(error: WorldError) -> list[Observation]:
    """Return what is said of an object whose passes fail by the world's fault, again and again."""
    message = f"the API server does not carry out what the operator asks of it, and is asked again: {error}"
    return _standing(Problem(reasons.WRITE_FAILED, message), Observation("Ready", "True", ""))


def observe_newcomer() -> list[Observation]:
    """Return what is said of an object that was only just seen."""
    return [
        Observation("Ready", "Unknown", reasons.ACCEPTED, "the operator has seen the object"),
        Observation("Reconciling", "True", reasons.ACCEPTED),
        Observation("Stalled", "False", reasons.NOT_STALLED),
    ]


def _first_problem(checks: Iterable[Callable[[Situation], Problem | None]], situation: Situation) -> Problem | None:
    return next((problem for check in checks if (problem := check(situation))), None)


def _standing(problem: Problem | None, ready: Observation) -> list[Observation]:
    if problem is None:
        return [
            ready,
            Observation("Reconciling", "False", ready.reason),
            Observation("Stalled", "False", reasons.NOT_STALLED),
        ]
    unready = Observation("Ready", "Unknown" if problem.unknown else "False", problem.reason, problem.message)
    if problem.stalled:
        return [
            unready,
            Observation("Reconciling", "False", problem.reason),
            Observation("Stalled", "True", problem.reason, problem.message),
        ]
    return [
        unready,
        Observation("Reconciling", "True", reasons.PROGRESSING, problem.message),
        Observation("Stalled", "False", reasons.NOT_STALLED),
    ]


def _running(situation: StrategySituation) -> Observation:
    state = situation.strategy.spec.state
    trading = situation.system.spec.trading.state
    if state != "Running":
        reason = reasons.PAUSED if state == "Paused" else reasons.HALTED
        return Observation("Ready", "True", reason, f"spec.state is {state}: bars are followed, nothing is written")
    if trading != "Active":
        reason = reasons.HALTED if trading == "Halted" else reasons.REDUCE_ONLY
        told = "nothing is written" if trading == "Halted" else "only exits are written"
        return Observation("Ready", "True", reason, f"the system's spec.trading.state is {trading}: {told}")
    return Observation("Ready", "True", reasons.RUNNING, "evaluated at each bar close")


def _warmth(situation: StrategySituation) -> list[Observation]:
    if not situation.report or runner_has_taken_it_over(situation):
        return []
    bars = situation.accepted.resolved.first_evaluated_bar
    if situation.report["warm"]:
        return [Observation("WarmedUp", "True", reasons.WARM, f"symbols have the {bars} bars that the rules need")]
    return [Observation("WarmedUp", "False", reasons.WARMING_UP, f"symbols need {bars} bars before they are evaluated")]


def _durability(situation: SystemSituation) -> Observation:
    managed = situation.system.spec.redis.managed
    if managed and managed.storage:
        for key, deletion in situation.held.items():
            if key.kind == CLAIM:
                lost = f"the volume claim {key.name} {deletion}: the data lives as long as the pod of {REDIS_SERVICE}"
                return Observation("DataDurable", "False", reasons.EPHEMERAL, lost)
        return Observation(
            "DataDurable", "True", reasons.DURABLE, f"{REDIS_COMPONENT} keeps its data on a volume claim"
        )
    kept = f"a volume claim {REDIS_SERVICE} of earlier, if there is one, is kept and not used"
    message = f"spec.redis.managed.storage is absent: the data lives as long as the pod of {REDIS_SERVICE}; {kept}"
    return Observation("DataDurable", "False", reasons.EPHEMERAL, message)


def _held(held: Mapping[ChildKey, str]) -> list[Observation]:
    """Return what is said of children that are being deleted and do not go."""
    if not held:
        return []
    listed = "; ".join(sorted(f"{key.kind.kind} {key.name} {deletion}" for key, deletion in held.items()))
    message = f"{listed}: each goes when these finalizers are removed, and is made again if it is still asked for"
    return [Observation("ChildrenHeld", "True", reasons.HELD_BY_FINALIZERS, message)]


def _unserved(kinds: Iterable[Kind]) -> list[Observation]:
    """Return what is said of children whose kind a neighbour would bring: the rest of the system goes on."""
    if not (listed := ", ".join(sorted(f"{kind.plural}.{kind.group}" for kind in kinds))):
        return []
    message = f"the API server does not serve {listed}: such children are left out, and made once it does"
    return [Observation("KindsServed", "False", reasons.KIND_NOT_SERVED, message)]


def _unsupported(paths: Iterable[str]) -> list[Observation]:
    if not (listed := ", ".join(paths)):
        return []
    message = f"no effect in release {RELEASE}: {listed}"
    return [Observation("Unsupported", "True", reasons.FIELDS_WITHOUT_EFFECT, message)]
