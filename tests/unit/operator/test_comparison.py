from typing import Any

import pytest

from tests.unit.operator.factories import as_seen, children, make_system
from trading_operator.comparison import differences
from trading_operator.observed import trim_child

CONTAINER = {"name": "redis", "image": "redis:7"}


def in_pod(**container: Any) -> dict[str, Any]:
    return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{**CONTAINER, **container}]}}}}


@pytest.mark.parametrize("name", list(children(make_system())))
def test_child_as_the_api_server_has_it_is_no_difference(name: str) -> None:
    manifest = children(make_system())[name]
    assert differences(manifest, trim_child(as_seen(manifest))) == []


SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "defaulted-field": (in_pod(), in_pod(imagePullPolicy="Always")),
    "cpu-written-otherwise": (
        in_pod(resources={"limits": {"cpu": "1000m", "memory": "1Gi"}}),
        in_pod(resources={"limits": {"cpu": "1", "memory": "1024Mi"}}),
    ),
    "int-or-string": (
        {"kind": "Service", "spec": {"ports": [{"port": 80, "protocol": "TCP", "targetPort": 8080}]}},
        {"kind": "Service", "spec": {"ports": [{"port": 80, "protocol": "TCP", "targetPort": "8080", "nodePort": 1}]}},
    ),
    "protocol-that-is-filled-in": (
        {"kind": "Service", "spec": {"ports": [{"port": 80}]}},
        {"kind": "Service", "spec": {"ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}]}},
    ),
    "items-of-others-in-a-keyed-list": (
        in_pod(env=[{"name": "A", "value": "1"}]),
        in_pod(env=[{"name": "INJECTED", "value": "x"}, {"name": "A", "value": "1"}]),
    ),
    "labels-of-others": ({"metadata": {"labels": {"a": "1"}}}, {"metadata": {"labels": {"a": "1", "theirs": "2"}}}),
}
OTHER: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "image": (in_pod(), in_pod(image="redis:8"), ["spec.template.spec.containers[redis].image"]),
    "missing-field": (in_pod(args=["a"]), in_pod(), ["spec.template.spec.containers[redis].args"]),
    "order-of-arguments": (
        in_pod(args=["a", "b"]),
        in_pod(args=["b", "a"]),
        ["spec.template.spec.containers[redis].args[0]", "spec.template.spec.containers[redis].args[1]"],
    ),
    "extra-argument": (in_pod(args=["a"]), in_pod(args=["a", "b"]), ["spec.template.spec.containers[redis].args"]),
    "missing-item": (
        in_pod(env=[{"name": "A", "value": "1"}]),
        in_pod(env=[]),
        ["spec.template.spec.containers[redis].env[A]"],
    ),
    "false-is-not-absent": (
        {"automountServiceAccountToken": False},
        {},
        ["automountServiceAccountToken"],
    ),
    "false-is-not-zero": ({"x": False}, {"x": 0}, ["x"]),
    "key-added-to-a-selector": (
        {"spec": {"selector": {"a": "1"}}},
        {"spec": {"selector": {"a": "1", "b": "2"}}},
        ["spec.selector"],
    ),
    "more-memory": (
        in_pod(resources={"limits": {"memory": "1Gi"}}),
        in_pod(resources={"limits": {"memory": "2Gi"}}),
        ["spec.template.spec.containers[redis].resources.limits.memory"],
    ),
    "another-kind-of-value": ({"spec": {"a": {"b": 1}}}, {"spec": {"a": None}}, ["spec.a"]),
}


@pytest.mark.parametrize("case", SAME)
def test_what_the_api_server_or_others_add_is_no_difference(case: str) -> None:
    wanted, found = SAME[case]
    assert differences(wanted, found) == []


@pytest.mark.parametrize("case", OTHER)
def test_field_that_is_not_as_desired_is_named(case: str) -> None:
    wanted, found, paths = OTHER[case]
    assert differences(wanted, found) == paths


def test_status_is_nobodys_desire() -> None:
    assert differences({"status": {"a": 1}, "kind": "X"}, {"kind": "Y"}) == []
