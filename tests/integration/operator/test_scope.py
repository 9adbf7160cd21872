"""An operator that works in every namespace, on one shard of the objects, with the rights that the chart gives it."""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.kubectl import Kubectl
from tests.integration.operator.audit import LEASES, Request, requests_of
from tests.integration.operator.documents import SYSTEM, Document, make_strategy, make_system
from tests.integration.operator.process import (
    HOME,
    WRITES,
    Namespace,
    OperatorProcess,
    account_kubeconfig,
    condition_of,
    wait_for,
)

RUN = secrets.token_hex(3)
ACCOUNT = f"everywhere-{RUN}"
LISTED, OTHER = f"listed-{RUN}", f"other-{RUN}"
SHARD = {"shard": RUN}
SETTLED_SECONDS = 12.0
"""Statuses of strategies follow at most ten seconds later."""
CHART = Path(__file__).parents[3] / "charts/trading-operator"


@pytest.fixture(scope="module")
def operator(api_server: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorProcess]:
    """The operator with the chart's own roles, Secrets in one namespace only."""
    folder = tmp_path_factory.mktemp("scope")
    for name in (HOME, LISTED, OTHER):
        if api_server.find("namespace", name) is None:
            api_server("create", "namespace", name)
    api_server("create", "serviceaccount", ACCOUNT, f"--namespace={HOME}")
    options = ("--set=scope=Cluster", f"--set=watchNamespaces={{{LISTED}}}", "--show-only=templates/role.yaml")
    api_server(
        "apply", "--filename=-", text=api_server.helm("template", ACCOUNT, CHART, f"--namespace={HOME}", *options)
    )
    environment = {"TRADING_OPERATOR_SELECTOR": f"shard={RUN}"}
    process = OperatorProcess(account_kubeconfig(api_server, ACCOUNT, folder), (), folder / "log", environment)
    process.start()
    yield process
    assert process.stop() == 0
    api_server("delete", "namespace", LISTED, OTHER, "--wait=false")
    for name in (ACCOUNT, f"{ACCOUNT}-secrets"):
        api_server("delete", "clusterrole", name)
    api_server("delete", "clusterrolebinding", ACCOUNT)


@pytest.fixture(scope="module")
def listed(api_server: Kubectl, operator: OperatorProcess) -> Namespace:  # noqa: ARG001 - it must run
    namespace = Namespace(api_server, LISTED)
    namespace.apply(of_the_shard(make_system()), make_strategy("of-no-shard"))
    return namespace


@pytest.fixture(scope="module")
def other(api_server: Kubectl, operator: OperatorProcess) -> Namespace:  # noqa: ARG001 - it must run
    namespace = Namespace(api_server, OTHER)
    namespace.apply(of_the_shard(make_system()))
    return namespace


def of_the_shard(document: Document) -> Document:
    document["metadata"]["labels"] = SHARD
    return document


def test_listed_namespace_gets_all_children(listed: Namespace) -> None:
    wait_for(lambda: listed.find("secret", "trading-internal"), "the Secret")
    wait_for(lambda: listed.find("deployment", "signal-service"), "the pods")
    listed.ready_is("tradingsystem", SYSTEM, "ServicesNotAvailable")


def test_objects_of_no_shard_are_nobodys(listed: Namespace) -> None:
    listed.apply(of_the_shard(make_strategy("of-the-shard")))
    wait_for(lambda: condition_of(listed.get("strategy", "of-the-shard")), "a status")
    assert "status" not in listed.get("strategy", "of-no-shard")


def test_namespace_without_rights_on_its_secrets_says_so_and_heals(other: Namespace) -> None:
    ready = other.ready_is("tradingsystem", SYSTEM, "WriteFailed")
    assert f'cannot list resource "secrets" in API group "" in the namespace "{OTHER}"' in ready["message"]
    assert other.find("secret", "trading-internal") is None
    account = f"--serviceaccount={HOME}:{ACCOUNT}"
    role = f"--clusterrole={ACCOUNT}-secrets"
    other.kubectl("create", "rolebinding", "operator-secrets", role, account, f"--namespace={OTHER}")
    wait_for(lambda: other.find("secret", "trading-internal"), "the Secret, now that it may be made")
    other.ready_is("tradingsystem", SYSTEM, "ServicesNotAvailable")


def test_secret_that_is_deleted_there_comes_back(other: Namespace) -> None:
    before = other.get("secret", "trading-internal")["metadata"]["uid"]
    other.delete("secret", "trading-internal")

    def look() -> bool:
        found = other.find("secret", "trading-internal")
        return found is not None and found["metadata"]["uid"] != before

    wait_for(look, "another Secret", 10)


def written() -> list[Request]:
    """Return every write so far, were it refused."""
    return [request for request in requests_of(ACCOUNT) if request.verb in WRITES and request.resource != LEASES]


def test_restart_with_nothing_changed_tries_to_write_nothing(
    listed: Namespace, other: Namespace, operator: OperatorProcess
) -> None:
    for namespace in (listed, other):
        namespace.ready_is("tradingsystem", SYSTEM, "ServicesNotAvailable")
    before, since = len(written()), time.monotonic()
    while time.monotonic() - since < SETTLED_SECONDS:
        time.sleep(0.5)
        if (now := len(written())) != before:
            before, since = now, time.monotonic()
    assert before > 10, "the audit log must show the writes of the creation, or this test sees nothing"
    assert operator.stop() == 0
    operator.start()
    time.sleep(5)
    assert [str(request) for request in written()[before:]] == []
