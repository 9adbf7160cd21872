"""From an object to its children and its first words."""

import time
from collections.abc import Callable

import pytest

from tests.integration.operator.documents import SYSTEM, make_strategy, make_system
from tests.integration.operator.process import Namespace, condition_of, wait_for, writes_in

EVERYTHING = "serviceaccounts,secrets,configmaps,persistentvolumeclaims,services,statefulsets,deployments"
OF_A_SYSTEM = {
    "serviceaccount/redis-service",
    "serviceaccount/data-service",
    "serviceaccount/signal-service",
    "serviceaccount/strategy-runner",
    "secret/trading-internal",
    "configmap/data-service",
    "configmap/signal-service",
    "service/redis-service",
    "service/data-service",
    "service/signal-service",
    "statefulset.apps/redis-service",
    "deployment.apps/data-service",
    "deployment.apps/signal-service",
}
OF_A_DEDICATED_STRATEGY = {"configmap/strategy-alone", "deployment.apps/strategy-alone"}


@pytest.fixture(scope="module")
def namespace(fresh_namespace: Callable[[str], Namespace]) -> Namespace:
    namespace = fresh_namespace("children")
    namespace.apply(make_system(), make_strategy("shared"), make_strategy("alone", placement="Dedicated"))
    expected = OF_A_SYSTEM | OF_A_DEDICATED_STRATEGY
    wait_for(lambda: namespace.names(EVERYTHING) == expected, f"the children {expected}")
    return namespace


def test_children_belong_to_their_objects(namespace: Namespace) -> None:
    system = namespace.get("tradingsystem", SYSTEM)
    strategy = namespace.get("strategy", "alone")
    for name in OF_A_SYSTEM | OF_A_DEDICATED_STRATEGY:
        owner = strategy if name in OF_A_DEDICATED_STRATEGY else system
        (reference,) = namespace.get(*name.split("/"))["metadata"]["ownerReferences"]
        assert (reference["uid"], reference["controller"]) == (owner["metadata"]["uid"], True), name


def test_first_status_comes_within_a_second(namespace: Namespace) -> None:
    namespace.apply(make_strategy("newcomer"))
    created = time.monotonic()
    wait_for(lambda: condition_of(namespace.get("strategy", "newcomer")), "a first status", 1.5)
    assert time.monotonic() - created < 1.5
    status = namespace.get("strategy", "newcomer")["status"]
    assert status["observedGeneration"] == 1


def test_pool_has_the_shared_strategies_alone(namespace: Namespace) -> None:
    wait_for(lambda: "shared.json" in namespace.get("configmap", "signal-service")["data"], "the strategy in the pool")
    assert "alone.json" not in namespace.get("configmap", "signal-service")["data"]
    assert set(namespace.get("configmap", "strategy-alone")["data"]) == {"alone.json", "trading_state.json"}


def test_creation_takes_one_write_per_child_and_three_for_the_status(namespace: Namespace) -> None:
    writes = [write for write in writes_in(namespace.name) if "strateg" not in write and "signal-service" not in write]
    children = [write for write in writes if "/tradingsystems/" not in write]
    statuses = [write for write in writes if "/tradingsystems/" in write]
    expected = [name for name in OF_A_SYSTEM if "strategy" not in name and "signal-service" not in name]
    assert len(children) == len(expected), children
    assert 1 <= len(statuses) <= 4, statuses  # strategies that come later are counted in it


def test_dedicated_strategy_that_becomes_shared_loses_its_pod(namespace: Namespace) -> None:
    namespace.apply(make_strategy("moving", placement="Dedicated"))
    wait_for(lambda: namespace.find("deployment", "strategy-moving"), "the Deployment")
    namespace.apply(make_strategy("moving", placement="Shared"))
    wait_for(lambda: not namespace.find("deployment", "strategy-moving"), "no Deployment")
    wait_for(lambda: not namespace.find("configmap", "strategy-moving"), "no ConfigMap")
    wait_for(lambda: "moving.json" in namespace.get("configmap", "signal-service")["data"], "the strategy in the pool")


def test_service_that_is_disabled_goes_and_comes_back(namespace: Namespace) -> None:
    sources = [{"name": "sample", "replay": {}}]
    namespace.apply(make_system(services={"data": {"sources": sources, "enabled": False}}))
    wait_for(lambda: not namespace.find("deployment", "data-service"), "no data service")
    assert namespace.get("tradingsystem", SYSTEM)["spec"]["services"]["data"]["enabled"] is False
    namespace.apply(make_system())
    wait_for(lambda: namespace.find("deployment", "data-service"), "the data service")


def test_token_is_made_once(namespace: Namespace) -> None:
    before = namespace.get("secret", "trading-internal")["data"]["token"]
    namespace.patch("secret", "trading-internal", {"metadata": {"labels": {"app.kubernetes.io/managed-by": "me"}}})
    label = "trading-operator"
    wait_for(
        lambda: (
            namespace.get("secret", "trading-internal")["metadata"]["labels"]["app.kubernetes.io/managed-by"] == label
        ),
        "the label is back",
    )
    assert namespace.get("secret", "trading-internal")["data"]["token"] == before
    assert len(before) > 40


def test_volume_claim_stays_when_storage_is_taken_away(namespace: Namespace) -> None:
    namespace.apply(make_system(redis={"managed": {"storage": {"size": "1Gi"}}}))
    wait_for(lambda: namespace.find("pvc", "redis-service"), "the claim")
    assert (
        condition_of(wait_for(lambda: _durable(namespace, "True"), "DataDurable=True"), "DataDurable")["status"]
        == "True"
    )
    namespace.apply(make_system())
    wait_for(lambda: _durable(namespace, "False"), "DataDurable=False")
    claim = namespace.get("pvc", "redis-service")
    assert "deletionTimestamp" not in claim["metadata"]
    namespace.kubectl(
        "annotate", "pvc", "redis-service", "signaltrading.io/allow-prune=true", f"--namespace={namespace.name}"
    )
    wait_for(lambda: _is_going(namespace.find("pvc", "redis-service")), "the annotated claim goes")


def _durable(namespace: Namespace, status: str) -> dict[str, object] | None:
    system = namespace.get("tradingsystem", SYSTEM)
    return system if condition_of(system, "DataDurable").get("status") == status else None


def _is_going(document: dict[str, dict[str, object]] | None) -> bool:
    return document is None or "deletionTimestamp" in document["metadata"]
