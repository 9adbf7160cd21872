from collections.abc import Iterator

import pytest

from tests.unit.operator.factories import CATALOG, accepted, by_name, children, make_strategy, make_system
from trading_operator.desired.children import desired_strategy
from trading_operator.desired.configuration import strategy_document
from trading_operator.observed import Document
from trading_workloads import contract


def dedicated() -> dict[str, Document]:
    strategy = make_strategy(placement="Dedicated", resources={"limits": {"memory": "1Gi"}})
    document = strategy_document(strategy, accepted(strategy).revision)
    return by_name(desired_strategy(strategy, make_system(), document, CATALOG))


def pods() -> Iterator[tuple[str, Document]]:
    for name, manifest in {**children(make_system()), **dedicated()}.items():
        if template := manifest.get("spec", {}).get("template"):
            yield name, template


@pytest.mark.parametrize(("name", "template"), list(pods()), ids=lambda value: value if isinstance(value, str) else "")
def test_pod_passes_the_level_restricted_and_has_no_api_token(name: str, template: Document) -> None:
    spec = template["spec"]
    (container,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False, name
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {volume["name"] for volume in spec["volumes"]} >= {"tmp"}
    assert container["livenessProbe"]
    assert container["readinessProbe"]
    for amounts in ("requests", "limits"):
        assert set(container["resources"][amounts]) == {"cpu", "memory"}


@pytest.mark.parametrize(
    ("child", "arguments"), [("Deployment/data-service", ["data"]), ("Deployment/signal-service", ["signal"])]
)
def test_service_is_told_what_the_contract_says(child: str, arguments: list[str]) -> None:
    (container,) = children(make_system())[child]["spec"]["template"]["spec"]["containers"]
    environment = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert container["args"] == arguments
    assert container["image"] == CATALOG.workload
    assert environment[contract.NAMESPACE_VARIABLE] == "trading"
    assert environment[contract.SYSTEM_VARIABLE] == "desk"
    assert environment[contract.REDIS_URL_VARIABLE] == "redis://redis-service:6379/0"
    assert contract.HOLDER_VARIABLE in environment


def test_token_is_mounted_where_it_is_read_and_nowhere_else() -> None:
    mounted = [
        name
        for name, template in pods()
        if any(
            mount["mountPath"] == "/etc/trading-internal" for mount in template["spec"]["containers"][0]["volumeMounts"]
        )
    ]
    assert mounted == ["Deployment/signal-service"]


def test_dedicated_pod_runs_its_strategy_with_its_resources() -> None:
    (container,) = dedicated()["Deployment/strategy-alpha"]["spec"]["template"]["spec"]["containers"]
    assert {"name": contract.STRATEGY_VARIABLE, "value": "alpha"} in container["env"]
    assert container["args"] == ["strategy"]
    assert container["resources"]["limits"] == {"cpu": "1", "memory": "1Gi"}


def test_shared_strategy_has_no_children() -> None:
    strategy = make_strategy(placement="Shared")
    document = strategy_document(strategy, "0123456789")
    assert desired_strategy(strategy, make_system(), document, CATALOG) == []


def test_changed_strategy_changes_no_pod() -> None:
    def template(enter: str) -> Document:
        strategy = make_strategy(placement="Dedicated", logic={"rules": {"enterLong": enter}})
        document = strategy_document(strategy, accepted(strategy).revision)
        found = by_name(desired_strategy(strategy, make_system(), document, CATALOG))
        return found["Deployment/strategy-alpha"]["spec"]

    assert template("close > 1") == template("close > 2")
