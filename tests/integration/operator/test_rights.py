"""The rights that the chart gives are those that the operator uses: no more, by the audit log, and no fewer."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from devcluster.kubectl import Kubectl
from tests.integration.operator.audit import FORBIDDEN, Request, Right, requests_of
from tests.integration.operator.conftest import RUN
from tests.integration.operator.documents import SYSTEM, make_strategy, make_system
from tests.integration.operator.process import HOME, Namespace, OperatorProcess, install_account, wait_for
from trading_operator.generate.rbac import build_rules
from trading_operator.kinds import GRANTS, HOME_GRANTS, STATEFUL_SET, STRATEGY, TRADING_SYSTEM, Grant
from trading_operator.names import LEASE_NAME

Document = dict[str, Any]

ACCOUNT: Final = f"surveyed-operator-{RUN}"
LABEL: Final = "app.kubernetes.io/managed-by"
CHILDREN: Final = (
    "serviceaccount/data-service",
    "secret/trading-internal",
    "configmap/data-service",
    "service/redis-service",
    "pvc/redis-service",
    "statefulset/redis-service",
    "deployment/signal-service",
)
"""One child of each kind."""
SEEN_BY_ADMISSION_ALONE: Final = frozenset(
    {
        (TRADING_SYSTEM.group, f"{TRADING_SYSTEM.plural}/finalizers", "update"),
        (STRATEGY.group, f"{STRATEGY.plural}/finalizers", "update"),
        (STATEFUL_SET.group, STATEFUL_SET.plural, "delete"),
    }
)
"""Asked for by the admission plugin OwnerReferencesPermissionEnforcement, which is no request; a test is below."""
LOOKED_AT_IN_A_RACE: Final = frozenset({("", "secrets", "get")})
"""Asked for where the Secret was made between the watch and the write, which no test can bring about."""


def rights_of(grants: Iterable[Grant]) -> set[Right]:
    return {(grant.group, grant.resource, verb) for grant in grants for verb in grant.verbs}


@pytest.fixture(scope="module")
def requests(api_server: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Request]]:
    """All requests of an operator that had to do everything it can."""
    folder, name = tmp_path_factory.mktemp("rights"), f"rights-{RUN}"
    lease = {"TRADING_OPERATOR_LEASE_NAMESPACE": HOME}
    account = install_account(api_server, (name,), folder, ACCOUNT)
    api_server("delete", "lease", LEASE_NAME, f"--namespace={HOME}", "--ignore-not-found")  # it has to be made
    operator = OperatorProcess(account, (name,), folder / "log", lease)
    operator.start()
    try:
        live_through_everything(Namespace(api_server, name), operator)
        assert operator.stop() == 0
        yield requests_of(ACCOUNT)
    finally:
        if operator.is_running():
            operator.stop()
        api_server("delete", "namespace", name, "--wait=false")


def live_through_everything(namespace: Namespace, operator: OperatorProcess) -> None:
    """Create, drift, delete, restore, prune, and delete everything."""
    with_storage: Document = {"redis": {"managed": {"storage": {"size": "1Gi"}}}}
    namespace.apply(make_system(**with_storage), make_strategy("alone", placement="Dedicated"))
    for child in (*CHILDREN, "deployment/strategy-alone"):
        wait_for(lambda child=child: namespace.find(*child.split("/")), f"{child} is made", 30)
    for child in CHILDREN:
        drift(namespace, *child.split("/"))
    freeze(namespace, "secret", "trading-internal")
    for child in CHILDREN:
        if not child.startswith("pvc/"):  # a claim stays until no pod holds it
            come_back(namespace, *child.split("/"))
    lose_a_child_while_away(namespace, operator)
    sources = [{"name": "sample", "replay": {}}]
    without: Document = {"services": {"data": {"enabled": False, "sources": sources}, "signal": {"enabled": False}}}
    namespace.kubectl("annotate", "pvc/redis-service", "signaltrading.io/allow-prune=true", "-n", namespace.name)
    namespace.apply(make_system(**without), make_strategy("alone", placement="Shared"))
    gone = ("serviceaccount/data-service", "configmap/data-service", "service/data-service", "deployment/data-service")
    for child in gone:
        wait_for(lambda child=child: not namespace.find(*child.split("/")), f"{child} is pruned")
    wait_for(lambda: is_going(namespace.find("pvc", "redis-service")), "the claim is pruned")
    namespace.delete("tradingsystem", SYSTEM)
    namespace.ready_is("strategy", "alone", "SystemNotFound")


def drift(namespace: Namespace, kind: str, name: str) -> None:
    """Take our label off a child, as somebody who wants it for himself, and wait until it is back."""
    namespace.patch(kind, name, {"metadata": {"labels": {LABEL: None}}})

    def look() -> bool:
        found = namespace.find(kind, name)
        return found is not None and found["metadata"]["labels"].get(LABEL) == "trading-operator"

    wait_for(look, f"{kind} {name} has its label")


def freeze(namespace: Namespace, kind: str, name: str) -> None:
    """Make a child immutable, and wait until there is another one."""
    namespace.patch(kind, name, {"immutable": True})
    wait_for(lambda: "immutable" not in (namespace.find(kind, name) or {"immutable": True}), f"{kind} {name} is anew")


def come_back(namespace: Namespace, kind: str, name: str) -> None:
    before = namespace.get(kind, name)["metadata"]["uid"]
    namespace.delete(kind, name, "--wait=false")

    def look() -> bool:
        found = namespace.find(kind, name)
        return found is not None and found["metadata"]["uid"] != before

    wait_for(look, f"{kind} {name} is back")


def lose_a_child_while_away(namespace: Namespace, operator: OperatorProcess) -> None:
    """Have the operator find a strategy that was Ready without its child: is the strategy being deleted with it?"""
    assert operator.stop() == 0
    conditions = namespace.get("strategy", "alone")["status"]["conditions"]
    ready = [{**condition, "status": "True"} if condition["type"] == "Ready" else condition for condition in conditions]
    namespace.patch("strategy", "alone", {"status": {"conditions": ready}}, "--subresource=status")
    namespace.delete("deployment", "strategy-alone")
    operator.start()
    wait_for(lambda: namespace.find("deployment", "strategy-alone"), "the child is back")


def is_going(document: Document | None) -> bool:
    return document is None or "deletionTimestamp" in document["metadata"]


def test_every_grant_is_used(requests: list[Request]) -> None:
    used = {right for request in requests for right in request.rights if request.code != FORBIDDEN}
    unused = rights_of((*GRANTS, *HOME_GRANTS)) - SEEN_BY_ADMISSION_ALONE - LOOKED_AT_IN_A_RACE - used
    assert sorted(unused) == []


def test_every_use_is_granted(requests: list[Request]) -> None:
    assert [str(request) for request in requests if request.code == FORBIDDEN] == []
    ungranted = {right for request in requests for right in request.rights} - rights_of((*GRANTS, *HOME_GRANTS))
    assert sorted(ungranted) == []


def test_children_need_the_right_to_finalizers_of_their_owners(api_server: Kubectl, tmp_path: Path) -> None:
    """The API server asks for it before it lets a child block the deletion of its owner."""
    name, account = f"bare-{RUN}", f"bare-operator-{RUN}"
    kubeconfig = install_account(api_server, (name,), tmp_path, account)
    without = [rule for rule in build_rules(GRANTS) if not rule["resources"][0].endswith("/finalizers")]
    namespace = Namespace(api_server, name)
    namespace.patch("role", account, {"rules": without})
    operator = OperatorProcess(kubeconfig, (name,), tmp_path / "log")
    operator.start()
    try:
        namespace.apply(make_system())
        wait_for(lambda: refused_children(account), "a child is refused")
        assert namespace.names("serviceaccounts,configmaps,services,deployments,statefulsets") == set()
    finally:
        operator.stop()
        api_server("delete", "namespace", name, "--wait=false")


def refused_children(account: str) -> list[Request]:
    return [request for request in requests_of(account) if request.code == FORBIDDEN]
