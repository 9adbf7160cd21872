"""Two operators, one Lease: one writes, the other takes over in time, and never do both."""

import itertools
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pytest

from devcluster.kubectl import Kubectl
from tests.integration.operator.apiserver import connect
from tests.integration.operator.audit import LEASES, Request, requests_of
from tests.integration.operator.conftest import RUN
from tests.integration.operator.documents import make_strategy, make_system
from tests.integration.operator.process import (
    HOME,
    SLACK_FOR_LOAD,
    Namespace,
    OperatorProcess,
    install_account,
    wait_for,
)
from tests.integration.operator.unrest import Unrest
from trading_operator.election import LEASE_SECONDS
from trading_operator.names import LEASE_NAME

STOPS: Final = int(os.environ.get("ELECTION_STOPS", "3"))
AFTER_A_KILL: Final = 20.0
AFTER_A_RELEASE: Final = 2.0
BACK_SECONDS: Final = 3.0
"""How long a leader that was stopped is watched after it goes on: whatever it was about to write comes at once."""
REPLICAS: Final = (f"one-replica-{RUN}", f"other-replica-{RUN}")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two replicas with accounts of their own, so that the audit log tells them apart."""

    kubectl: Kubectl
    replicas: dict[str, OperatorProcess]

    def leader(self) -> str:
        """Return who holds the Lease."""
        lease = self.kubectl.find("lease", LEASE_NAME, f"--namespace={HOME}")
        return str(lease["spec"]["holderIdentity"]) if lease else ""

    def standby(self) -> str:
        leader = self.leader()
        return next(name for name in REPLICAS if name != leader)

    def writes(self, since: datetime) -> list[tuple[str, Request]]:
        """Return who wrote what since then, in the order in which the API server had done it."""
        found = [(name, request) for name in REPLICAS for request in requests_of(name) if request.is_write]
        return sorted(
            ((name, request) for name, request in found if request.answered > since),
            key=lambda one: one[1].answered,
        )

    def first_write(self, author: str, since: datetime) -> Request | None:
        return next((request for name, request in self.writes(since) if name == author), None)


@pytest.fixture(scope="module")
def pair(api_server: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two operators that are started at once, and somebody who keeps them busy."""
    folder, name = tmp_path_factory.mktemp("election"), f"election-{RUN}"
    replicas = {}
    for replica in REPLICAS:
        account = install_account(api_server, (name,), folder, replica)
        environment = {"TRADING_OPERATOR_LEASE_NAMESPACE": HOME, "TRADING_OPERATOR_IDENTITY": replica}
        replicas[replica] = OperatorProcess(account, (name,), folder / f"{replica}.log", environment)
    for operator in replicas.values():
        operator.launch()
    try:
        for operator in replicas.values():
            operator.await_ready()
        namespace = Namespace(api_server, name)
        namespace.apply(make_system(), make_strategy("restless"))
        wait_for(lambda: namespace.find("configmap", "signal-service"), "the children")
        with Unrest(connect(api_server.kubeconfig, folder), name, "restless"):
            yield Pair(api_server, replicas)
    finally:
        for operator in replicas.values():
            if operator.is_running():
                operator.resume()
                operator.stop()
        api_server("delete", "namespace", name, "--wait=false")


def test_of_two_that_start_at_once_one_leads_and_the_other_is_ready(pair: Pair) -> None:
    leader, standby = pair.leader(), pair.standby()
    began = datetime.min.replace(tzinfo=UTC)
    wait_for(lambda: pair.first_write(leader, began), "the leader writes")
    assert {name for name, _ in pair.writes(began)} == {leader}
    assert "trading_operator_leader 1.0" in pair.replicas[leader].probe("metrics")[1]
    assert "trading_operator_leader 0.0" in pair.replicas[standby].probe("metrics")[1]
    assert pair.replicas[standby].probe("readyz")[0] == 200


def test_leader_that_was_stopped_beyond_its_lease_never_writes_again(pair: Pair) -> None:
    """However often: the author of the writes changes once for each stop, and not a single time more."""
    began = datetime.now(UTC)
    for _ in range(STOPS):
        leader, standby = pair.leader(), pair.standby()
        stopped = datetime.now(UTC)
        pair.replicas[leader].suspend()
        wait_for(
            lambda since=stopped, who=standby: pair.first_write(who, since),
            "the standby writes",
            AFTER_A_KILL + SLACK_FOR_LOAD,
        )
        pair.replicas[leader].resume()
        time.sleep(BACK_SECONDS)
        assert pair.leader() == standby
    writes = pair.writes(began)
    changes = [(one, other) for one, other in itertools.pairwise(writes) if one[0] != other[0]]
    assert len(changes) == STOPS, [f"{who} {request}" for pair_of in changes for who, request in pair_of]
    assert len(writes) > 20 * STOPS, "there was nothing to write"


def test_standby_takes_over_at_once_from_a_leader_that_ends(pair: Pair) -> None:
    leader, standby = pair.leader(), pair.standby()
    ended = datetime.now(UTC)
    assert pair.replicas[leader].stop() == 0
    first = wait_for(lambda: pair.first_write(standby, ended), "the standby writes")
    assert (first.answered - ended).total_seconds() <= AFTER_A_RELEASE + SLACK_FOR_LOAD
    *_, released = [request for request in requests_of(leader) if request.resource == LEASES]
    assert [str(write) for name, write in pair.writes(released.received) if name == leader] == []
    pair.replicas[leader].start()


def test_replica_that_starts_where_the_lease_was_deleted_waits_for_its_holder(pair: Pair) -> None:
    leader, standby = pair.leader(), pair.standby()
    assert pair.replicas[standby].stop() == 0
    pair.replicas[leader].suspend()
    pair.kubectl("delete", "lease", LEASE_NAME, f"--namespace={HOME}")
    deleted = datetime.now(UTC)
    pair.replicas[standby].start()
    first = wait_for(lambda: pair.first_write(standby, deleted), "the newcomer writes", AFTER_A_KILL + SLACK_FOR_LOAD)
    assert (first.received - deleted).total_seconds() >= LEASE_SECONDS
    pair.replicas[leader].resume()
    time.sleep(BACK_SECONDS)
    assert [str(write) for name, write in pair.writes(deleted) if name == leader] == []


def test_standby_takes_over_from_a_leader_that_is_killed(pair: Pair) -> None:
    leader, standby = pair.leader(), pair.standby()
    killed = datetime.now(UTC)
    pair.replicas[leader].stop(signal.SIGKILL)
    first = wait_for(lambda: pair.first_write(standby, killed), "the standby writes", AFTER_A_KILL + SLACK_FOR_LOAD)
    assert (first.answered - killed).total_seconds() <= AFTER_A_KILL + SLACK_FOR_LOAD
    pair.replicas[leader].start()
