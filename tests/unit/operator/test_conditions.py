from typing import Any

import pytest

from tests.unit.operator.factories import accepted, make_report, make_strategy, make_system
from trading_operator import reasons
from trading_operator.api.tradingsystem import Component
from trading_operator.conditions import (
    Observation,
    StrategySituation,
    SystemSituation,
    observe_fault,
    observe_newcomer,
    observe_strategy,
    observe_system,
)
from trading_operator.errors import UserError
from trading_operator.kinds import CLAIM, CONFIG_MAP
from trading_operator.observed import ChildKey

READY = Component(name="redis-service", ready=True, replicas=1, ready_replicas=1)
UNREADY = Component(name="data-service", ready=False, replicas=1, message="has 0 of 1 pods ready")
REFUSAL = UserError(reasons.NAME_CONFLICT, "somebody has the name")


def of_strategy(**changes: Any) -> dict[str, Observation]:
    strategy = changes.pop("strategy", make_strategy())
    system = changes.pop("system", make_system())
    situation = {
        "strategy": strategy,
        "system": system,
        "accepted": accepted(strategy, system),
        "pool_is_available": True,
        "answered": True,
        "trading": system.spec.trading.state,
        "report": make_report(strategy),
        **changes,
    }
    return {observation.type: observation for observation in observe_strategy(StrategySituation(**situation))}


def of_system(**changes: Any) -> dict[str, Observation]:
    situation = SystemSituation(**{"system": make_system(), "components": (READY,), **changes})
    return {observation.type: observation for observation in observe_system(situation)}


def standing(found: dict[str, Observation]) -> tuple[str, str, str, str]:
    return found["Ready"].status, found["Ready"].reason, found["Reconciling"].status, found["Stalled"].status


def test_newcomer_is_unknown_and_on_its_way() -> None:
    found = {observation.type: observation for observation in observe_newcomer()}
    assert standing(found) == ("Unknown", "Accepted", "True", "False")


def test_fault_stalls_until_somebody_changes_the_object() -> None:
    found = {observation.type: observation for observation in observe_fault(UserError("InvalidSpec", "where, what"))}
    assert standing(found) == ("False", "InvalidSpec", "False", "True")
    assert found["Stalled"].message == "where, what"


STRATEGY_STANDINGS: list[tuple[str, dict[str, Any], tuple[str, str, str, str]]] = [
    ("running", {}, ("True", "Running", "False", "False")),
    ("paused", {"strategy": make_strategy(state="Paused")}, ("True", "Paused", "False", "False")),
    ("halted-by-system", {"system": make_system(trading={"state": "Halted"})}, ("True", "Halted", "False", "False")),
    ("reduce-only", {"system": make_system(trading={"state": "ReduceOnly"})}, ("True", "ReduceOnly", "False", "False")),
    ("name-taken", {"refusals": (REFUSAL,)}, ("False", "NameConflict", "False", "True")),
    ("pod-not-ready", {"runner": UNREADY}, ("False", "DeploymentNotAvailable", "True", "False")),
    ("no-pool", {"pool_is_available": False}, ("False", "ServicesNotAvailable", "True", "False")),
    ("silence", {"answered": False}, ("Unknown", "SignalServiceSilent", "True", "False")),
    ("kill-switch-not-followed", {"trading": "Halted"}, ("False", "WaitingForRunner", "True", "False")),
    ("no-report", {"report": None}, ("False", "WaitingForRunner", "True", "False")),
    (
        "old-report",
        {"report": make_report(make_strategy(), generation=0)},
        ("False", "WaitingForRunner", "True", "False"),
    ),
    (
        "report-of-a-namesake",
        {"report": make_report(make_strategy(), uid="x")},
        ("False", "WaitingForRunner", "True", "False"),
    ),
    (
        "other-revision",
        {"report": make_report(make_strategy(), revision="x")},
        ("False", "WaitingForRunner", "True", "False"),
    ),
    (
        "wrong-symbol",
        {"report": make_report(make_strategy(), problem={"reason": "UnknownSymbol", "message": 'found "X"'})},
        ("False", "UnknownSymbol", "False", "True"),
    ),
    (
        "source-not-there-yet",
        {"report": make_report(make_strategy(), problem={"reason": "WaitingForSource", "message": "no source yet"})},
        ("False", "WaitingForSource", "True", "False"),
    ),
    (
        "signal-service-disabled",
        {"system": make_system(services={"data": make_system().spec.services.data, "signal": {"enabled": False}})},
        ("False", "SignalServiceDisabled", "False", "True"),
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [case[1:] for case in STRATEGY_STANDINGS], ids=[case[0] for case in STRATEGY_STANDINGS]
)
def test_strategy_stands_as_its_first_problem_says(changes: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert standing(of_strategy(**changes)) == expected


def test_problem_of_a_runner_names_the_strategy() -> None:
    problem = {"reason": "UnknownSymbol", "message": 'spec.universe.symbols[1]: found "X", expected one of AAPL'}
    found = of_strategy(report=make_report(make_strategy(), problem=problem))
    assert found["Ready"].message == f'Strategy "alpha": {problem["message"]}'


def test_warm_up_is_told_as_soon_as_the_runner_has_the_strategy() -> None:
    assert of_strategy()["WarmedUp"].status == "True"
    assert of_strategy(report=make_report(make_strategy(), warm=False))["WarmedUp"].status == "False"
    assert "WarmedUp" not in of_strategy(report=None)


def test_nothing_that_ticks_is_in_a_message() -> None:
    strategy = make_strategy()
    one = of_strategy(report=make_report(strategy, barsSeen=1, signals=1, lastBar="", warm=False))
    two = of_strategy(report=make_report(strategy, barsSeen=2, signals=9, lastBar="x", warm=False))
    assert one == two


def test_system_is_ready_when_its_services_are() -> None:
    found = of_system()
    assert standing(found) == ("True", "Succeeded", "False", "False")
    assert found["ServicesAvailable"].status == "True"


def test_service_that_is_not_ready_is_named() -> None:
    found = of_system(components=(READY, UNREADY))
    assert standing(found) == ("False", "ServicesNotAvailable", "True", "False")
    assert found["Ready"].message == found["ServicesAvailable"].message == "data-service has 0 of 1 pods ready"


def test_refused_child_stalls_the_system() -> None:
    assert standing(of_system(refusals=(REFUSAL,), components=(UNREADY,))) == ("False", "NameConflict", "False", "True")


def test_durability_follows_the_storage() -> None:
    assert of_system()["DataDurable"].status == "False"
    durable = make_system(redis={"managed": {"storage": {"size": "1Gi"}}})
    assert of_system(system=durable)["DataDurable"].status == "True"


def test_children_that_hang_in_deletion_are_named() -> None:
    held = {ChildKey(CONFIG_MAP, "trading", "data-service"): "is being deleted since then and held by somebody/guard"}
    for found in (of_system(held=held), of_strategy(held=held)):
        told = found["ChildrenHeld"]
        assert (told.status, told.reason) == ("True", reasons.HELD_BY_FINALIZERS)
        assert told.message.startswith("ConfigMap data-service is being deleted since then and held by somebody/guard")
    assert "ChildrenHeld" not in of_system() | of_strategy()


def test_data_is_not_durable_on_a_volume_claim_that_is_being_deleted() -> None:
    durable = make_system(redis={"managed": {"storage": {"size": "1Gi"}}})
    held = {ChildKey(CLAIM, "trading", "redis-service"): "is being deleted since then and held by a pod"}
    found = of_system(system=durable, held=held)["DataDurable"]
    assert found.status == "False"
    assert "volume claim redis-service is being deleted since then and held by a pod" in found.message


def test_fields_without_effect_are_listed_and_take_nothing_from_ready() -> None:
    found = of_system(unsupported=("spec.backup", "spec.suspend"))
    assert found["Unsupported"].message.endswith("spec.backup, spec.suspend")
    assert found["Ready"].status == "True"
    assert "Unsupported" not in of_system()
