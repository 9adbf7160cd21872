"""An API server that insists: the operator says so and does not insist too."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import yaml

from devcluster.kubectl import Kubectl
from tests.integration.operator.documents import SYSTEM, make_system
from tests.integration.operator.process import Namespace, wait_for, writes_in

Document = dict[str, Any]

RULE: Final[Document] = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"]}
MUTATION: Final = "Object{spec: Object.spec{minReadySeconds: 7, revisionHistoryLimit: 8}}"
"""Adds a field that the operator does not set, and changes one that it sets."""


def policy(namespace: str) -> list[Document]:
    """Return what makes the API server change every Deployment of a namespace as it is written."""
    kind = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": f"insist-{namespace}"}}
    mutation = {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": MUTATION}}
    spec = {
        "matchConstraints": {"resourceRules": [{**RULE, "resources": ["deployments"]}]},
        "reinvocationPolicy": "Never",
        "failurePolicy": "Fail",
        "mutations": [mutation],
    }
    places = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    binding = {"policyName": f"insist-{namespace}", "matchResources": places}
    return [
        {**kind, "kind": "MutatingAdmissionPolicy", "spec": spec},
        {**kind, "kind": "MutatingAdmissionPolicyBinding", "spec": binding},
    ]


@pytest.fixture
def namespace(api_server: Kubectl, fresh_namespace: Callable[[str], Namespace]) -> Iterator[Namespace]:
    namespace = fresh_namespace("overruled")
    documents = yaml.safe_dump_all(policy(namespace.name))
    api_server("apply", "--server-side", "--filename=-", text=documents)
    yield namespace
    api_server("delete", "--filename=-", text=documents)


def events_of(namespace: Namespace) -> list[str]:
    events = namespace.kubectl.get(
        "events", f"--namespace={namespace.name}", f"--field-selector=involvedObject.name={SYSTEM},reason=Overruled"
    )
    return [event["message"] for event in events["items"] if "data-service" in event["message"]]


def test_what_the_api_server_insists_on_is_told_and_left(namespace: Namespace) -> None:
    wait_for(lambda: insists(namespace), "the policy holds")
    namespace.apply(make_system())
    wait_for(lambda: len(events_of(namespace)) == 2, f"both fields are told: {events_of(namespace)}")
    assert any("spec.minReadySeconds" in told for told in events_of(namespace))
    assert any("spec.revisionHistoryLimit" in told for told in events_of(namespace))
    before = len(writes_in(namespace.name))
    namespace.patch("deployment", "data-service", {"metadata": {"labels": {"news": "of-somebody"}}})
    namespace.patch("configmap", "data-service", {"data": {"system.json": "{}"}})
    wait_for(lambda: namespace.get("configmap", "data-service")["data"]["system.json"] != "{}", "a pass was made")
    assert [write for write in writes_in(namespace.name, before) if "deployments/data-service" in write] == []


def insists(namespace: Namespace) -> bool:
    """Tell whether the API server changes what is written: a policy takes a moment."""
    labels = {"app": "probe"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "probe", "image": "probe"}]}}
    probe = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "probe", "namespace": namespace.name},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
    text = namespace.kubectl("create", "--dry-run=server", "--filename=-", "--output=yaml", text=yaml.safe_dump(probe))
    return bool(yaml.safe_load(text)["spec"].get("minReadySeconds"))
