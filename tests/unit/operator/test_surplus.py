import copy
from typing import Any

import pytest

from tests.unit.operator.factories import as_seen, children, make_system
from trading_operator.surplus import surplus_of

Document = dict[str, Any]

CHILDREN = children(make_system(redis={"managed": {"storage": {}}}))
POD = "spec.template.spec"
CONTAINER = f"{POD}.containers[signal-service]"


@pytest.mark.parametrize("name", list(CHILDREN))
def test_what_the_api_server_fills_in_is_no_surplus(name: str) -> None:
    assert surplus_of(CHILDREN[name], as_seen(CHILDREN[name])) == ([], {})


def with_pod(deployment: Document, **fields: Any) -> Document:
    deployment["spec"]["template"]["spec"] |= fields
    return deployment


def with_container(deployment: Document, **fields: Any) -> Document:
    deployment["spec"]["template"]["spec"]["containers"][0] |= fields
    return deployment


def with_appended(deployment: Document, field: str, item: Document) -> Document:
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    return with_container(deployment, **{field: [item, *container[field]]})


def with_security(deployment: Document, **fields: Any) -> Document:
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    return with_container(deployment, securityContext={**container["securityContext"], **fields})


def with_spec(child: Document, **fields: Any) -> Document:
    child["spec"] |= fields
    return child


POD_ADDITIONS: dict[str, Document] = {
    "hostNetwork": {"hostNetwork": True},
    "hostPID": {"hostPID": True},
    "hostUsers": {"hostUsers": False},
    "nodeSelector": {"nodeSelector": {"disk": "ssd"}},
    "nodeName": {"nodeName": "one"},
    "tolerations": {"tolerations": [{"operator": "Exists"}]},
    "dnsPolicy": {"dnsPolicy": "None"},
    "initContainers": {"initContainers": [{"name": "rogue", "image": "rogue"}]},
}
CONTAINER_ADDITIONS: dict[str, Document] = {
    "command": {"command": ["rogue"]},
    "envFrom": {"envFrom": [{"secretRef": {"name": "rogue"}}]},
    "lifecycle": {"lifecycle": {"preStop": {"exec": {"command": ["rogue"]}}}},
    "startupProbe": {"startupProbe": {"httpGet": {"path": "/", "port": 1, "scheme": "HTTP"}, "periodSeconds": 10}},
    "stdin": {"stdin": True},
    "terminationMessagePolicy": {"terminationMessagePolicy": "FallbackToLogsOnError"},
}


@pytest.mark.parametrize("field", POD_ADDITIONS)
def test_field_added_to_a_pod_is_removed(field: str) -> None:
    wanted = CHILDREN["Deployment/signal-service"]
    found = surplus_of(wanted, with_pod(as_seen(wanted), **POD_ADDITIONS[field]))
    assert found == ([f"{POD}.{field}"], {"spec": {"template": {"spec": {field: None}}}})


@pytest.mark.parametrize("field", CONTAINER_ADDITIONS)
def test_field_added_to_a_container_is_removed_with_the_list_as_it_was_asked_for(field: str) -> None:
    wanted = CHILDREN["Deployment/signal-service"]
    found = surplus_of(wanted, with_container(as_seen(wanted), **CONTAINER_ADDITIONS[field]))
    exact = wanted["spec"]["template"]["spec"]["containers"]
    assert found == ([f"{CONTAINER}.{field}"], {"spec": {"template": {"spec": {"containers": exact}}}})


def test_additions_deep_inside_are_named() -> None:
    wanted = CHILDREN["Deployment/signal-service"]
    privileged = with_security(as_seen(wanted), privileged=True, capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]})
    assert surplus_of(wanted, privileged).paths == [
        f"{CONTAINER}.securityContext.capabilities.add",
        f"{CONTAINER}.securityContext.privileged",
    ]
    pod = with_pod(as_seen(wanted), securityContext={**wanted["spec"]["template"]["spec"]["securityContext"]})
    pod["spec"]["template"]["spec"]["securityContext"]["supplementalGroups"] = [0]
    assert surplus_of(wanted, pod).patch == {
        "spec": {"template": {"spec": {"securityContext": {"supplementalGroups": None}}}}
    }


@pytest.mark.parametrize(
    ("field", "item", "place"),
    [
        ("env", {"name": "ROGUE", "value": "1"}, "ROGUE"),
        ("volumeMounts", {"name": "tmp", "mountPath": "/rogue"}, "/rogue"),
        ("ports", {"containerPort": 22, "protocol": "TCP"}, "22/TCP"),
    ],
    ids=["env", "mount", "port"],
)
def test_items_added_to_the_lists_of_a_container_are_named(field: str, item: Document, place: str) -> None:
    wanted = CHILDREN["Deployment/signal-service"]
    assert surplus_of(wanted, with_appended(as_seen(wanted), field, item)).paths == [f"{CONTAINER}.{field}[{place}]"]


@pytest.mark.parametrize("field", ["containers", "volumes"])
def test_items_added_to_the_lists_of_a_pod_are_named(field: str) -> None:
    wanted = CHILDREN["Deployment/signal-service"]
    there = [*wanted["spec"]["template"]["spec"][field], {"name": "rogue"}]
    assert surplus_of(wanted, with_pod(as_seen(wanted), **{field: there})).paths == [f"{POD}.{field}[rogue]"]


SPEC_ADDITIONS: dict[str, tuple[str, Document]] = {
    "paused": ("Deployment/data-service", {"paused": True}),
    "minReadySeconds": ("Deployment/data-service", {"minReadySeconds": 900}),
    "updateStrategy": ("StatefulSet/redis-service", {"updateStrategy": {"type": "OnDelete"}}),
    "externalIPs": ("Service/data-service", {"externalIPs": ["10.0.0.1"]}),
    "sessionAffinity": ("Service/data-service", {"sessionAffinity": "ClientIP"}),
    "publishNotReadyAddresses": ("Service/data-service", {"publishNotReadyAddresses": True}),
    "loadBalancerIP": ("Service/data-service", {"loadBalancerIP": "10.0.0.1"}),
}


@pytest.mark.parametrize("field", SPEC_ADDITIONS)
def test_field_added_to_a_spec_is_removed(field: str) -> None:
    name, added = SPEC_ADDITIONS[field]
    found = surplus_of(CHILDREN[name], with_spec(as_seen(CHILDREN[name]), **added))
    assert found == ([f"spec.{field}"], {"spec": {field: None}})


def test_what_the_cluster_assigns_to_a_service_is_no_surplus() -> None:
    wanted = CHILDREN["Service/data-service"]
    found = with_spec(as_seen(wanted), clusterIP="10.0.0.7", clusterIPs=["10.0.0.7"], ipFamilies=["IPv6"])
    found["spec"]["ports"][0]["nodePort"] = 30_000
    assert surplus_of(wanted, found).paths == []


def test_marks_of_others_are_left_alone() -> None:
    wanted = CHILDREN["Deployment/data-service"]
    found = as_seen(wanted)
    found["metadata"]["labels"]["argocd.argoproj.io/instance"] = "prod"
    template = found["spec"]["template"]["metadata"]
    template |= {"creationTimestamp": None, "annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}
    assert surplus_of(wanted, found).paths == []


def test_number_of_pods_is_never_surplus() -> None:
    wanted = copy.deepcopy(CHILDREN["Deployment/data-service"])
    del wanted["spec"]["replicas"]
    assert surplus_of(wanted, with_spec(as_seen(wanted), replicas=7)).paths == []


def test_file_that_somebody_added_is_removed_even_an_empty_one() -> None:
    wanted = {"kind": "ConfigMap", "data": {"a": "1"}}
    found = surplus_of(wanted, {"data": {"a": "1", "rogue": ""}, "binaryData": {"metadata": "cg=="}})
    removal = {"data": {"rogue": None}, "binaryData": {"metadata": None}}
    assert found == (["data.rogue", "binaryData.metadata"], removal)


def test_secret_without_a_value_of_ours_is_kept_as_it_is() -> None:
    assert surplus_of({"kind": "Secret", "data": {"a": "MQ=="}}, {"data": {"a": "MQ==", "b": "Mg=="}}).paths == [
        "data.b"
    ]
    assert surplus_of({"kind": "Secret"}, {"data": {"b": "Mg=="}}).paths == []


def test_claim_and_account_have_what_others_add() -> None:
    for name in ("PersistentVolumeClaim/redis-service", "ServiceAccount/data-service"):
        found = as_seen(CHILDREN[name]) | {"imagePullSecrets": [{"name": "registry"}]}
        found.setdefault("spec", {})["volumeName"] = "pv-1"
        assert surplus_of(CHILDREN[name], found).paths == []
