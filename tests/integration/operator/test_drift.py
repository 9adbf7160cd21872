"""What others do to children is put right; what is not ours is left alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.operator.documents import SYSTEM, make_strategy, make_system
from tests.integration.operator.process import Namespace, OperatorProcess, condition_of, wait_for

Document = dict[str, Any]


@pytest.fixture(scope="module")
def namespace(fresh_namespace: Callable[[str], Namespace]) -> Namespace:
    namespace = fresh_namespace("drift")
    namespace.apply(make_system(), make_strategy("alone", placement="Dedicated"))
    wait_for(lambda: namespace.find("deployment", "strategy-alone"), "the children")
    wait_for(lambda: namespace.find("deployment", "signal-service"), "the children")
    return namespace


@pytest.mark.parametrize(
    "child",
    [
        "serviceaccount/data-service",
        "secret/trading-internal",
        "configmap/signal-service",
        "service/redis-service",
        "statefulset/redis-service",
        "deployment/strategy-alone",
    ],
)
def test_deleted_child_comes_back(namespace: Namespace, child: str) -> None:
    kind, name = child.split("/")
    before = namespace.get(kind, name)["metadata"]["uid"]
    namespace.delete(kind, name, "--wait=false")

    def look() -> bool:
        found = namespace.find(kind, name)
        return found is not None and found["metadata"]["uid"] != before

    wait_for(look, f"{child} is back", 5)


EDITS: dict[str, tuple[str, str, Document, Any]] = {
    "replicas": ("deployment", "data-service", {"spec": {"replicas": 0}}, lambda d: d["spec"]["replicas"] == 1),
    "selector": (
        "service",
        "data-service",
        {"spec": {"selector": {"extra": "key"}}},
        lambda d: "extra" not in d["spec"]["selector"],
    ),
    "label": (
        "configmap",
        "data-service",
        {"metadata": {"labels": {"app.kubernetes.io/managed-by": "somebody"}}},
        lambda d: d["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "trading-operator",
    ),
    "removed-label": (
        "service",
        "signal-service",
        {"metadata": {"labels": {"app.kubernetes.io/managed-by": None}}},
        lambda d: d["metadata"]["labels"].get("app.kubernetes.io/managed-by") == "trading-operator",
    ),
    "data": ("configmap", "data-service", {"data": {"system.json": "{}"}}, lambda d: len(d["data"]["system.json"]) > 2),
    "added-data": (
        "configmap",
        "signal-service",
        {"data": {"rogue.json": "{}"}},
        lambda d: "rogue.json" not in d["data"],
    ),
    "token-of-the-account": (
        "serviceaccount",
        "signal-service",
        {"automountServiceAccountToken": None},
        lambda d: d.get("automountServiceAccountToken") is False,
    ),
    "owner": (
        "deployment",
        "signal-service",
        {"metadata": {"ownerReferences": None}},
        lambda d: d["metadata"].get("ownerReferences"),
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_edited_child_is_put_back(namespace: Namespace, edit: str) -> None:
    kind, name, patch, is_right = EDITS[edit]
    namespace.patch(kind, name, patch)
    wait_for(lambda: is_right(namespace.get(kind, name)), f"{kind} {name} as it was", 5)


ADDITIONS: dict[str, Document] = {
    "env": {"containers": [{"name": "data-service", "env": [{"name": "ROGUE", "value": "1"}]}]},
    "container": {"containers": [{"name": "rogue", "image": "rogue"}]},
    "init-container": {"initContainers": [{"name": "rogue", "image": "rogue"}]},
    "volume": {"volumes": [{"name": "rogue", "emptyDir": {}}]},
}


@pytest.mark.parametrize("addition", ADDITIONS)
def test_what_others_add_to_a_pod_template_is_removed(namespace: Namespace, addition: str) -> None:
    patch = json.dumps({"spec": {"template": {"spec": ADDITIONS[addition]}}})
    where = f"--namespace={namespace.name}"
    namespace.kubectl("patch", "deployment", "data-service", where, "--type=strategic", f"--patch={patch}")
    seen = json.dumps(namespace.get("deployment", "data-service")["spec"])

    def clean() -> bool:
        return "rogue" not in json.dumps(namespace.get("deployment", "data-service")["spec"]).lower()

    wait_for(clean, f"the {addition} is gone from {seen}", 5)


def test_correction_is_told_by_an_event_and_a_metric(namespace: Namespace, operator: OperatorProcess) -> None:
    namespace.patch("deployment", "data-service", {"spec": {"paused": True}})
    namespace.patch("deployment", "data-service", {"spec": {"revisionHistoryLimit": 99}})

    def told() -> list[str]:
        events = namespace.kubectl.get(
            "events", f"--namespace={namespace.name}", f"--field-selector=involvedObject.name={SYSTEM}"
        )
        return [event["message"] for event in events["items"] if event["reason"] == "DriftCorrected"]

    wait_for(lambda: any("spec.revisionHistoryLimit" in message for message in told()), "the Event")
    assert 'trading_operator_drift_corrections_total{kind="Deployment"}' in operator.probe("metrics")[1]
    assert namespace.get("deployment", "data-service")["spec"]["paused"] is True, "a field that we do not set is left"


def test_foreign_object_with_a_childs_name_is_left_alone(namespace: Namespace) -> None:
    foreign = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "strategy-taken"}, "data": {"mine": "1"}}
    namespace.apply(foreign)
    namespace.apply(make_strategy("taken", placement="Dedicated"))
    ready = namespace.ready_is("strategy", "taken", "NameConflict")
    assert f'ConfigMap "strategy-taken" exists in namespace "{namespace.name}"' in ready["message"]
    assert condition_of(namespace.get("strategy", "taken"), "Stalled")["status"] == "True"
    kept = namespace.get("configmap", "strategy-taken")
    assert kept["data"] == {"mine": "1"}
    assert "ownerReferences" not in kept["metadata"]
    namespace.delete("strategy", "taken")
    assert namespace.get("configmap", "strategy-taken")["data"] == {"mine": "1"}


def test_second_system_in_a_namespace_touches_nothing(namespace: Namespace) -> None:
    namespace.apply(make_system("second"), make_strategy("lost", systemRef={"name": "second"}))
    ready = namespace.ready_is("tradingsystem", "second", "NamespaceTaken")
    assert f'already has "{SYSTEM}"' in ready["message"]
    namespace.ready_is("strategy", "lost", "SystemNotAccepted")
    (reference,) = namespace.get("deployment", "data-service")["metadata"]["ownerReferences"]
    assert reference["name"] == SYSTEM
    namespace.delete("strategy", "lost")
    namespace.delete("tradingsystem", "second")


def test_child_that_the_api_server_refuses_is_told_and_not_repeated(namespace: Namespace) -> None:
    asked = {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}
    namespace.apply(make_strategy("greedy", placement="Dedicated", resources=asked))
    ready = namespace.ready_is("strategy", "greedy", "ChildRejected")
    assert "must be less than or equal to memory limit" in ready["message"]
    namespace.apply(make_strategy("greedy", placement="Dedicated"))
    namespace.ready_is("strategy", "greedy", "DeploymentNotAvailable")
    namespace.delete("strategy", "greedy")
