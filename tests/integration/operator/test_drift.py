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
    "owner-and-label": (
        "deployment",
        "signal-service",
        {"metadata": {"ownerReferences": None, "labels": {"trading.signaltrading.io/system": None}}},
        lambda d: d["metadata"].get("ownerReferences") and "trading.signaltrading.io/system" in d["metadata"]["labels"],
    ),
    "owner-of-the-secret": (
        "secret",
        "trading-internal",
        {"metadata": {"ownerReferences": None}},
        lambda d: d["metadata"].get("ownerReferences"),
    ),
    "owner-and-mark-of-the-operator": (
        "statefulset",
        "redis-service",
        {"metadata": {"ownerReferences": None, "labels": {"app.kubernetes.io/managed-by": None}}},
        lambda d: d["metadata"].get("ownerReferences") and "app.kubernetes.io/managed-by" in d["metadata"]["labels"],
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_edited_child_is_put_back(namespace: Namespace, edit: str) -> None:
    kind, name, patch, is_right = EDITS[edit]
    namespace.patch(kind, name, patch)
    wait_for(lambda: is_right(namespace.get(kind, name)), f"{kind} {name} as it was", 5)


POD_ADDITIONS: dict[str, Document] = {
    "env": {"containers": [{"name": "data-service", "env": [{"name": "ROGUE", "value": "1"}]}]},
    "container": {"containers": [{"name": "rogue", "image": "rogue"}]},
    "init-container": {"initContainers": [{"name": "rogue", "image": "rogue"}]},
    "volume": {"volumes": [{"name": "rogue", "emptyDir": {}}]},
    "host-network": {"hostNetwork": True, "nodeSelector": {"rogue": "1"}},
    "host-processes": {"hostPID": True, "nodeSelector": {"rogue": "1"}},
    "groups": {"securityContext": {"supplementalGroups": [0]}, "nodeSelector": {"rogue": "1"}},
    "privileges": {
        "containers": [
            {
                "name": "data-service",
                "stdin": True,
                "securityContext": {"capabilities": {"add": ["ROGUE"]}},
                "lifecycle": {"preStop": {"exec": {"command": ["rogue"]}}},
            }
        ]
    },
}
ADDITIONS: dict[str, tuple[str, Document]] = {
    **{name: ("deployment/data-service", {"spec": {"template": {"spec": pod}}}) for name, pod in POD_ADDITIONS.items()},
    "server's-pod": ("statefulset/redis-service", {"spec": {"template": {"spec": {"nodeSelector": {"rogue": "1"}}}}}),
    "partition": ("statefulset/redis-service", {"spec": {"updateStrategy": {"rollingUpdate": {"partition": 5}}}}),
    "paused": ("deployment/data-service", {"spec": {"paused": True, "minReadySeconds": 200}}),
    "affinity": ("service/data-service", {"spec": {"sessionAffinity": "ClientIP", "externalIPs": ["10.9.8.7"]}}),
    "exposure": ("service/data-service", {"spec": {"type": "LoadBalancer", "loadBalancerIP": "10.9.8.7"}}),
    "bytes": ("configmap/signal-service", {"binaryData": {"rogue.json": "e30="}}),
    "secret": ("secret/trading-internal", {"data": {"rogue": "MQ=="}}),
}
CONTENT = ("spec", "data", "binaryData")


def content_of(namespace: Namespace, child: str) -> Document:
    found = namespace.get(*child.split("/"))
    return {section: found[section] for section in CONTENT if section in found}


@pytest.mark.parametrize("addition", ADDITIONS)
def test_what_others_add_is_removed(namespace: Namespace, addition: str) -> None:
    child, patch = ADDITIONS[addition]
    before = content_of(namespace, child)
    text = f"--patch={json.dumps(patch)}"
    answer = namespace.kubectl(
        "patch", *child.split("/"), f"--namespace={namespace.name}", "--type=strategic", text, "--output=json"
    )
    seen = {section: value for section, value in json.loads(answer).items() if section in CONTENT}
    assert seen != before
    wait_for(lambda: content_of(namespace, child) == before, f"the {addition} is gone from {seen}", 5)


@pytest.mark.parametrize("child", ["configmap/signal-service", "secret/trading-internal"])
def test_child_that_somebody_made_immutable_is_made_anew_with_the_same_content(
    namespace: Namespace, child: str
) -> None:
    before = content_of(namespace, child)
    namespace.patch(*child.split("/"), {"immutable": True, "data": {"rogue": "MQ=="}})
    wait_for(lambda: "immutable" not in (namespace.find(*child.split("/")) or {"immutable": True}), f"{child} anew", 5)
    assert content_of(namespace, child) == before


def test_marks_of_others_are_left_alone(namespace: Namespace) -> None:
    marks = {"metadata": {"labels": {"team": "quants"}, "annotations": {"argocd.argoproj.io/tracking-id": "prod"}}}
    restarted = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}}}
    namespace.patch("deployment", "data-service", {**marks, "spec": {"template": restarted}})
    namespace.patch("deployment", "data-service", {"spec": {"paused": True}})

    def left() -> Document | None:
        found = namespace.get("deployment", "data-service")
        return None if found["spec"].get("paused") else found

    found = wait_for(left, "the operator was there", 5)
    assert found["metadata"]["labels"]["team"] == "quants"
    assert found["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] == "prod"
    assert found["spec"]["template"]["metadata"]["annotations"] == restarted["metadata"]["annotations"]


def events_of(namespace: Namespace, reason: str, name: str = SYSTEM) -> list[str]:
    """Return what Events with a reason say about an object."""
    events = namespace.kubectl.get(
        "events", f"--namespace={namespace.name}", f"--field-selector=involvedObject.name={name},reason={reason}"
    )
    return [event["message"] for event in events["items"]]


def test_correction_is_told_by_an_event_and_a_metric(namespace: Namespace, operator: OperatorProcess) -> None:
    namespace.patch("deployment", "data-service", {"spec": {"revisionHistoryLimit": 99}})
    wait_for(
        lambda: any("spec.revisionHistoryLimit" in told for told in events_of(namespace, "DriftCorrected")), "told"
    )
    assert 'trading_operator_drift_corrections_total{kind="Deployment"}' in operator.probe("metrics")[1]


def test_autoscaler_made_by_hand_is_told_why_replicas_do_not_stay(namespace: Namespace) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "data-service"}
    spec = {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 5}
    autoscaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "by-hand"}}
    namespace.apply({**autoscaler, "spec": spec})

    def told() -> str:
        return next((told for told in events_of(namespace, "FieldConflict") if "kube-controller-manager" in told), "")

    message = wait_for(told, "who writes the replicas", 60)
    assert f"replicas are fixed by spec.services.data.replicas of TradingSystem {SYSTEM}" in message
    assert "remove the HorizontalPodAutoscaler" in message
    wait_for(lambda: namespace.get("deployment", "data-service")["spec"]["replicas"] == 1, "the fixed number", 5)
    namespace.delete("hpa", "by-hand")


def test_nothing_that_the_api_server_fills_in_is_taken_for_an_addition(namespace: Namespace) -> None:
    assert events_of(namespace, "Overruled") == []


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


OUR_LABELS = {"app.kubernetes.io/managed-by": "trading-operator", "trading.signaltrading.io/system": SYSTEM}


def reason_of(namespace: Namespace) -> str:
    return str(condition_of(namespace.get("tradingsystem", SYSTEM)).get("reason"))


@pytest.mark.parametrize("labels", [{}, None], ids=["taken", "taken-without-a-label"])
def test_child_that_somebody_takes_over_is_told_and_is_ours_again_when_it_is_given_back(
    namespace: Namespace, labels: Document | None
) -> None:
    thief = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "thief"}}
    namespace.apply(thief)
    uid = namespace.get("configmap", "thief")["metadata"]["uid"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "thief", "uid": uid, "controller": True}
    namespace.patch("service", "data-service", {"metadata": {"ownerReferences": [reference], "labels": labels}})
    ready = namespace.ready_is("tradingsystem", SYSTEM, "NameConflict")
    assert f'Service "data-service" exists in namespace "{namespace.name}"' in ready["message"]
    assert 'found owner ConfigMap "thief"' in ready["message"]
    namespace.patch("service", "data-service", {"metadata": {"ownerReferences": None, "labels": OUR_LABELS}})
    namespace.delete("configmap", "thief")

    def is_ours() -> bool:
        found = namespace.get("service", "data-service")
        return bool(found["metadata"].get("ownerReferences")) and "NameConflict" not in reason_of(namespace)

    wait_for(is_ours, "the Service is ours again", 5)


@pytest.mark.parametrize("child", ["configmap/data-service", "deployment/data-service"])
def test_child_that_hangs_in_deletion_is_named_and_made_again_when_it_goes(namespace: Namespace, child: str) -> None:
    kind, name = child.split("/")
    before = namespace.get(kind, name)["metadata"]["uid"]
    namespace.patch(kind, name, {"metadata": {"finalizers": ["example.com/guard"]}})
    namespace.delete(kind, name, "--wait=false")

    def held() -> str:
        return str(condition_of(namespace.get("tradingsystem", SYSTEM), "ChildrenHeld").get("message", ""))

    message = wait_for(held, "what holds the child", 5)
    since = namespace.get(kind, name)["metadata"]["deletionTimestamp"]
    assert f"data-service is being deleted since {since} and held by example.com/guard" in message
    namespace.patch(kind, name, {"metadata": {"finalizers": None}})
    wait_for(
        lambda: (namespace.find(kind, name) or {"metadata": {"uid": before}})["metadata"]["uid"] != before, child, 5
    )
    wait_for(lambda: not held(), "nothing holds a child any more", 5)


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
