"""What users get wrong: a condition with where, what was found and what was expected; nobody else notices."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from devcluster.errors import CommandError
from tests.integration.operator.definitions import loosened
from tests.integration.operator.documents import SYSTEM, make_strategy, make_system
from tests.integration.operator.process import Namespace, OperatorProcess, condition_of, wait_for

TOO_DEEP = "close > " + "(" * 60 + "1" + " + 1)" * 60

MISTAKES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "unknown-function": (
        {"logic": {"rules": {"enterLong": "crosses_above(smaa(close, 20), close)"}}},
        "InvalidRules",
        ['spec.logic.rules.enterLong, column 15: unknown function "smaa"; did you mean "sma"?'],
    ),
    "look-ahead": (
        {"logic": {"rules": {"enterLong": "close > lag(close, -1)"}}},
        "InvalidRules",
        ["spec.logic.rules.enterLong, column", "-1"],
    ),
    "too-deep": ({"logic": {"rules": {"enterLong": TOO_DEEP}}}, "InvalidRules", ["spec.logic.rules.enterLong"]),
    "no-such-system": (
        {"systemRef": {"name": "elsewhere"}},
        "SystemNotFound",
        ['spec.systemRef.name: found "elsewhere", expected a TradingSystem of this namespace'],
    ),
    "no-such-source": (
        {"data": {"source": "vendor"}},
        "SourceNotFound",
        ['spec.data.source: found "vendor", expected one of sample'],
    ),
    "other-timeframe": (
        {"data": {"source": "sample", "timeframe": "1m"}},
        "SourceNotFound",
        ["spec.data.timeframe: found 1m, expected 1d"],
    ),
    "model": (
        {"logic": {"model": {"name": "next-day", "features": ["close"]}}},
        "Unsupported",
        ["spec.logic.model is not in release"],
    ),
    "live": ({"mode": "Live"}, "Unsupported", ["spec.mode is not in release"]),
}


@pytest.fixture(scope="module")
def namespace(fresh_namespace: Callable[[str], Namespace]) -> Namespace:
    namespace = fresh_namespace("mistakes")
    namespace.apply(make_system(), *(make_strategy(name, **change) for name, (change, _, _) in MISTAKES.items()))
    return namespace


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_a_condition(namespace: Namespace, name: str) -> None:
    _, reason, words = MISTAKES[name]
    ready = namespace.ready_is("strategy", name, reason)
    assert ready["message"].startswith(f'Strategy "{name}": ')
    assert [word for word in words if word not in ready["message"]] == []
    assert condition_of(namespace.get("strategy", name), "Stalled")["status"] == "True"


def test_others_go_on_and_a_mended_one_recovers(namespace: Namespace) -> None:
    namespace.apply(make_strategy("sound"), make_strategy("unknown-function"))
    namespace.ready_is("strategy", "sound", "ServicesNotAvailable")
    namespace.ready_is("strategy", "unknown-function", "ServicesNotAvailable")
    pool = namespace.get("configmap", "signal-service")["data"]
    assert {"sound.json", "unknown-function.json"} <= set(pool)
    assert "look-ahead.json" not in pool


def test_fields_without_effect_are_listed(namespace: Namespace) -> None:
    namespace.apply(
        make_strategy(
            "hopeful",
            risk={"maxDrawdown": {"limit": "8%"}},
            data={"source": "sample", "adjustment": "PointInTime"},
            sizing={"method": "VolatilityTarget"},
        )
    )
    condition = wait_for(
        lambda: condition_of(namespace.get("strategy", "hopeful"), "Unsupported"), "condition Unsupported"
    )
    assert condition["status"] == "True"
    listed = "spec.data.adjustment, spec.sizing.method, spec.risk.maxDrawdown"
    assert condition["message"].endswith(listed)
    namespace.ready_is("strategy", "hopeful", "ServicesNotAvailable")


def test_fields_without_effect_of_a_system_are_listed(namespace: Namespace) -> None:
    changed = make_system(suspend=True, backup={"schedule": "0 * * * *"})
    changed["spec"]["services"]["gateway"] = {"replicas": 2}
    namespace.apply(changed)
    condition = wait_for(
        lambda: condition_of(namespace.get("tradingsystem", SYSTEM), "Unsupported"), "condition Unsupported"
    )
    assert ": spec.suspend, spec.services.gateway.replicas, spec.backup," in condition["message"]


def test_object_that_a_schema_would_refuse_today_is_told(namespace: Namespace, operator: OperatorProcess) -> None:
    """Such an object is left over from before a definition was tightened; here it is loosened for a moment."""
    with loosened(namespace.kubectl, "strategies"):
        try:
            _apply_until_accepted(namespace)
            ready = namespace.ready_is("strategy", "left-over", "InvalidSpec")
            assert "spec.universe.symbols: found nothing, expected a value" in ready["message"]
            assert 'spec.placement: found "Elsewhere"' in ready["message"]
            wait_for(operator.is_ready, "the operator goes on")
        finally:
            namespace.delete("strategy", "left-over", "--ignore-not-found")


def _apply_until_accepted(namespace: Namespace) -> None:
    document = make_strategy("left-over", placement="Elsewhere", universe={}, extra=1)

    def look() -> bool:
        document["metadata"]["namespace"] = namespace.name
        try:
            namespace.kubectl("create", "--filename=-", text=yaml.safe_dump(document))
        except CommandError:  # the loosened schema takes a moment to be served
            return False
        return True

    wait_for(look, "the loosened definition is served")


@pytest.mark.parametrize("name", ["with.dot", "a" * 64])
def test_name_that_children_cannot_have_is_told(namespace: Namespace, name: str) -> None:
    """By the API server where a rule sees it, else by a condition."""
    document = make_strategy(name)
    document["metadata"]["namespace"] = namespace.name
    try:
        namespace.kubectl("apply", "--server-side", "--filename=-", text=yaml.safe_dump(document))
    except CommandError as error:
        told = str(error)
    else:
        told = namespace.ready_is("strategy", name, "InvalidSpec")["message"]
    assert "metadata.name" in told
