"""Level-triggered: whatever happened while nobody looked, the state that is found is what counts."""

import json
import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.integration.operator.documents import SYSTEM, make_strategy, make_system
from tests.integration.operator.process import Namespace, OperatorProcess, condition_of, wait_for, writes_in

IDLE_SECONDS = float(os.environ.get("IDLE_SECONDS", "20"))
SETTLED_SECONDS = 12.0
"""Statuses of strategies follow at most ten seconds later."""
KOPF = {"kopf.zalando.org/last-handled-configuration": json.dumps({"spec": {}}), "kopf.zalando.org/touch-dummy": "x"}


@pytest.fixture(scope="module")
def namespace(fresh_namespace: Callable[[str], Namespace]) -> Namespace:
    namespace = fresh_namespace("life")
    namespace.apply(make_system(), make_strategy("shared"), make_strategy("alone", placement="Dedicated"))
    wait_for(lambda: namespace.find("deployment", "signal-service"), "the children")
    wait_for(lambda: namespace.find("deployment", "strategy-alone"), "the children")
    return namespace


def settle(namespace: Namespace) -> int:
    """Wait until the operator has written nothing for a while; return how much it wrote so far."""
    count, since = len(writes_in(namespace.name)), time.monotonic()
    deadline = since + 60
    while time.monotonic() - since < SETTLED_SECONDS:
        assert time.monotonic() < deadline, writes_in(namespace.name)[-10:]
        time.sleep(0.5)
        if (now := len(writes_in(namespace.name))) != count:
            count, since = now, time.monotonic()
    return count


def test_idle_operator_writes_nothing(namespace: Namespace) -> None:
    before = settle(namespace)
    assert before > 10, "the audit log must show the writes of the creation, or this test sees nothing"
    time.sleep(IDLE_SECONDS)
    assert writes_in(namespace.name, before) == []


def test_restart_with_nothing_changed_writes_nothing(namespace: Namespace, operator: OperatorProcess) -> None:
    before = settle(namespace)
    assert operator.stop() == 0
    operator.start()
    time.sleep(5)
    assert writes_in(namespace.name, before) == []


def test_edit_of_one_field_writes_what_it_changes_and_the_status(namespace: Namespace) -> None:
    before = settle(namespace)
    edited = make_system()
    edited["spec"]["services"]["signal"] = {"logLevel": "Debug"}
    namespace.apply(edited)
    settle(namespace)
    written = writes_in(namespace.name, before)
    children = [write for write in written if "signaltrading.io" not in write]
    assert sorted(children) == [
        f"patch /apis/apps/v1/namespaces/{namespace.name}/deployments/signal-service",
        f"patch /apis/apps/v1/namespaces/{namespace.name}/deployments/strategy-alone",
    ], written
    assert len(written) - len(children) <= 4, written
    status = namespace.get("tradingsystem", SYSTEM)
    assert status["status"]["observedGeneration"] == status["metadata"]["generation"] == 2


def test_what_was_done_while_the_operator_was_away_is_seen(namespace: Namespace, operator: OperatorProcess) -> None:
    operator.stop(signal.SIGKILL)
    restored = make_strategy("restored", placement="Dedicated")
    restored["metadata"]["annotations"] = dict(KOPF)
    namespace.apply(restored)
    namespace.delete("strategy", "shared")
    namespace.delete("service", "data-service")
    namespace.patch("statefulset", "redis-service", {"spec": {"replicas": 3}})
    namespace.patch("configmap", "signal-service", {"metadata": {"ownerReferences": None}})
    operator.start()
    wait_for(lambda: namespace.find("deployment", "strategy-restored"), "the restored strategy is reconciled")
    wait_for(lambda: namespace.find("service", "data-service"), "the Service is back")
    wait_for(lambda: namespace.get("statefulset", "redis-service")["spec"]["replicas"] == 1, "one replica")
    pool = wait_for(lambda: _owned(namespace), "the ConfigMap has its owner again")
    assert set(pool["data"]) == {"trading_state.json"}


def _owned(namespace: Namespace) -> dict[str, dict[str, str]] | None:
    found = namespace.get("configmap", "signal-service")
    return found if found["metadata"].get("ownerReferences") else None


@pytest.mark.parametrize(("kind", "name"), [("tradingsystem", SYSTEM), ("strategy", "restored"), ("strategy", "alone")])
def test_spec_and_metadata_stay_as_the_user_wrote_them(namespace: Namespace, kind: str, name: str) -> None:
    document = namespace.kubectl.get(kind, name, f"--namespace={namespace.name}", "--show-managed-fields")
    ours = [entry for entry in document["metadata"]["managedFields"] if entry["manager"] != "kubectl"]
    assert ours, "the operator wrote a status"
    assert {entry["manager"] for entry in ours} == {"trading-operator"}
    assert {entry.get("subresource") for entry in ours} == {"status"}
    assert set().union(*(entry["fieldsV1"] for entry in ours)) == {"f:status"}
    assert "finalizers" not in document["metadata"]
    annotations = document["metadata"].get("annotations", {})
    assert annotations == (KOPF if name == "restored" else {})


def test_strategies_are_counted(namespace: Namespace) -> None:
    wait_for(
        lambda: namespace.get("tradingsystem", SYSTEM)["status"]["strategies"] == {"total": 2, "ready": 0},
        "two strategies, none ready without pods",
    )


def test_missing_system_heals_when_it_appears(fresh_namespace: Callable[[str], Namespace]) -> None:
    namespace = fresh_namespace("absent")
    namespace.apply(make_strategy("early"))
    ready = namespace.ready_is("strategy", "early", "SystemNotFound")
    assert f'spec.systemRef.name: found "{SYSTEM}"' in ready["message"]
    namespace.apply(make_system())
    namespace.ready_is("strategy", "early", "ServicesNotAvailable")
    namespace.delete("tradingsystem", SYSTEM)
    namespace.ready_is("strategy", "early", "SystemNotFound")


def test_deleting_the_objects_leaves_nothing_behind(namespace: Namespace) -> None:
    everything = (
        "serviceaccounts,secrets,configmaps,persistentvolumeclaims,services,statefulsets,deployments,replicasets"
    )
    namespace.kubectl("delete", "strategies,tradingsystems", "--all", f"--namespace={namespace.name}")
    wait_for(lambda: not namespace.names(everything), "nothing is left", 60)
    time.sleep(3)
    assert namespace.names(everything) == set()


def test_status_has_the_conditions_of_kstatus(namespace: Namespace) -> None:
    namespace.apply(make_system())
    system = wait_for(lambda: _reconciling(namespace), "a status")
    assert condition_of(system, "Reconciling")["status"] == "True"
    assert condition_of(system, "Stalled")["status"] == "False"
    assert {condition["observedGeneration"] for condition in system["status"]["conditions"]} == {1}
    assert system["status"]["services"] == "0/2"
    assert system["status"]["release"]
    assert "core/Service/redis-service" in system["status"]["inventory"]


def _reconciling(namespace: Namespace) -> dict[str, dict[str, str]] | None:
    found = namespace.get("tradingsystem", SYSTEM)
    return found if condition_of(found).get("reason") == "ServicesNotAvailable" else None
