from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.operator.factories import (
    accepted,
    make_report,
    make_strategy,
    make_system,
    strategy_body,
    system_body,
)
from trading_operator.api.tradingsystem import Component, StrategyCount
from trading_operator.conditions import Observation, StrategySituation, SystemSituation, observe_fault
from trading_operator.errors import UserError
from trading_operator.observed import Document
from trading_operator.status import (
    Status,
    dated,
    differs,
    differs_softly,
    fault_status,
    newcomer_status,
    strategy_status,
    system_status,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
SIGNAL = {"time": "2012-05-18T20:00:00Z", "symbol": "AAPL", "action": "EnterLong"}
UP = Component(name="data-service", ready=True, replicas=1, ready_replicas=1)
DOWN = Component(name="signal-service", ready=False, replicas=1, message="has 0 of 1 pods ready")
REDIS = Component(name="redis-service", ready=True, replicas=1, ready_replicas=1)


def of_strategy(body: Document | None = None, **changes: Any) -> Status:
    strategy = make_strategy()
    known: dict[str, Any] = {
        "pool_is_available": True,
        "answered": True,
        "trading": "Active",
        "report": make_report(strategy),
        **changes,
    }
    situation = StrategySituation(strategy=strategy, system=make_system(), accepted=accepted(strategy), **known)
    return strategy_status(body or strategy_body(), situation, NOW)


def of_system(*components: Component, strategies: StrategyCount | None = None) -> Status:
    situation = SystemSituation(make_system(), components=components)
    inventory = ["core/Service/redis-service"]
    count = strategies or StrategyCount()
    return system_status(system_body(), situation, inventory=inventory, strategies=count, now=NOW)


def test_time_of_a_condition_moves_with_its_status_alone() -> None:
    body = strategy_body()
    body["status"] = {"conditions": dated([Observation("Ready", "False", "Progressing", "one")], body, NOW)}
    (same,) = dated([Observation("Ready", "False", "Other", "two")], body, LATER)
    (other,) = dated([Observation("Ready", "True", "Running", "")], body, LATER)
    assert same["lastTransitionTime"] == "2026-03-01T12:00:00Z"
    assert same["message"] == "two"
    assert other["lastTransitionTime"] == "2026-03-01T12:05:00Z"


def test_every_condition_has_the_generation() -> None:
    body = strategy_body(generation=7)
    assert {condition["observedGeneration"] for condition in newcomer_status(body, NOW)["conditions"]} == {7}


def test_columns_of_a_strategy_are_there() -> None:
    status = of_strategy(report=make_report(make_strategy(), lastSignal=SIGNAL))
    assert status["logic"] == "Rules"
    assert status["warmupBars"] == 21
    assert status["activeRevision"] == accepted(make_strategy()).revision
    assert status["lastSignal"] == SIGNAL
    assert status["lastSignalText"] == "AAPL EnterLong 2012-05-18"
    assert status["expandedRules"] == {"enterLong": "crosses_above(sma(close, 5), sma(close, 20))"}


def test_last_signal_stays_while_a_runner_has_none_to_tell() -> None:
    body = strategy_body()
    body["status"] = of_strategy(report=make_report(make_strategy(), lastSignal=SIGNAL))
    assert of_strategy(body)["lastSignal"] == SIGNAL
    assert of_strategy(body, report=None)["lastSignal"] == SIGNAL
    assert of_strategy(body, report=None)["activeRevision"]


def test_report_of_a_namesake_is_not_believed() -> None:
    status = of_strategy(report=make_report(make_strategy(), uid="another", lastSignal=SIGNAL))
    assert "lastSignal" not in status
    assert "activeRevision" not in status


def test_services_are_counted_without_redis() -> None:
    status = of_system(REDIS, UP, DOWN, strategies=StrategyCount(total=3, ready=1))
    assert status["services"] == "1/2"
    assert [component["name"] for component in status["components"]] == ["redis", "data-service", "signal-service"]
    assert status["strategies"] == {"total": 3, "ready": 1}
    assert status["endpoint"] == "http://signal-service.trading.svc:8080"


def test_fault_keeps_what_is_still_true() -> None:
    observations = observe_fault(UserError("InvalidRules", "wrong"))
    strategy, system = strategy_body(), system_body()
    strategy["status"] = of_strategy(report=make_report(make_strategy(), lastSignal=SIGNAL))
    system["status"] = of_system(REDIS, UP)
    assert set(fault_status(strategy, observations, NOW)) == {
        "observedGeneration",
        "conditions",
        "lastSignal",
        "lastSignalText",
        "history",
    }
    assert fault_status(system, observations, NOW)["components"] == system["status"]["components"]


def test_defaults_that_the_api_server_adds_are_no_difference() -> None:
    status = of_system(REDIS, DOWN)
    written = {
        **status,
        "backup": None,
        "components": [{"message": "", "replicas": 0, **c} for c in status["components"]],
    }
    assert not differs(status, written)


def test_words_counts_and_signals_may_wait_and_standing_may_not() -> None:
    first = of_strategy(report=make_report(make_strategy(), lastSignal=SIGNAL))
    second = of_strategy(report=make_report(make_strategy(), lastSignal={**SIGNAL, "symbol": "IBM"}))
    assert differs_softly(second, first)
    assert not differs_softly(first, first)
    assert not differs_softly(of_strategy(report=None), first)
    assert differs_softly(of_system(REDIS, UP, strategies=StrategyCount(total=1)), of_system(REDIS, UP))
    assert not differs_softly(of_system(REDIS, DOWN), of_system(REDIS, UP))


def test_revisions_are_remembered_newest_first() -> None:
    body = strategy_body()
    for revision in ("one", "two", "two", "three"):
        body["status"] = of_strategy(body, report=make_report(make_strategy(), revision=revision))
    history = [(record["revision"], record["outcome"]) for record in body["status"]["history"]]
    assert history == [("three", "Active"), ("two", "Superseded"), ("one", "Superseded")]


def test_stream_without_a_signal_has_no_last_one() -> None:
    body = strategy_body()
    body["status"] = of_strategy(report=make_report(make_strategy(), lastSignal=SIGNAL))
    assert "lastSignal" not in of_strategy(body, report=make_report(make_strategy(), signals=0))
