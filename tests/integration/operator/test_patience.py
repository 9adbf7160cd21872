"""What is a user's fault stays as it is until the user changes it: no pass, no request, however long it takes."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from devcluster.kubectl import Kubectl
from tests.integration.operator.audit import Request, requests_of
from tests.integration.operator.conftest import RUN
from tests.integration.operator.documents import make_strategy, make_system
from tests.integration.operator.process import (
    CONDITION_SECONDS,
    SLACK_FOR_LOAD,
    Namespace,
    OperatorProcess,
    condition_of,
    install_account,
    wait_for,
)

WATCHED_SECONDS: Final = float(os.environ.get("IDLE_SECONDS", "15"))
QUIET_SECONDS: Final = 11.0
"""Statuses of strategies follow at most ten seconds later."""
ACCOUNT: Final = f"patient-operator-{RUN}"
PASSES: Final = re.compile(r"^trading_operator_reconcile_total\{.*\} ([0-9.]+)$", re.MULTILINE)
TOO_SMALL: Final = {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}

FAULTS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "invalid-rules": ({"logic": {"rules": {"enterLong": "smaa(close, 20) > close"}}}, "InvalidRules"),
    "unknown-system": ({"systemRef": {"name": "elsewhere"}}, "SystemNotFound"),
    "unknown-source": ({"data": {"source": "vendor"}}, "SourceNotFound"),
    "unsupported": ({"mode": "Live"}, "Unsupported"),
    "refused-child": ({"placement": "Dedicated", "resources": TOO_SMALL}, "ChildRejected"),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A namespace full of mistakes, and the operator that has told all of them."""

    namespace: Namespace
    operator: OperatorProcess

    def passes(self) -> float:
        """Return how many passes there were, of any kind and result."""
        return sum(map(float, PASSES.findall(self.operator.probe("metrics")[1])))

    def requests(self, since: datetime) -> list[Request]:
        """Return what the operator asked for since then, watches apart."""
        found = requests_of(ACCOUNT)
        return [request for request in found if request.received > since and request.verb != "watch"]

    def settle(self) -> None:
        """Wait until there was no pass for a while."""
        deadline = time.monotonic() + 60
        passes, since = self.passes(), time.monotonic()
        while time.monotonic() - since < QUIET_SECONDS:
            assert time.monotonic() < deadline, f"{self.passes()} passes, and no end"
            time.sleep(0.25)
            if (now := self.passes()) != passes:
                passes, since = now, time.monotonic()


@pytest.fixture(scope="module")
def stage(api_server: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, name = tmp_path_factory.mktemp("patience"), f"patience-{RUN}"
    account = install_account(api_server, (name,), folder, ACCOUNT)
    operator = OperatorProcess(account, (name,), folder / "log")
    operator.start()
    try:
        namespace = Namespace(api_server, name)
        namespace.apply(make_system())
        namespace.apply(*(make_strategy(fault, **change) for fault, (change, _) in FAULTS.items()))
        for fault, (_, reason) in FAULTS.items():
            namespace.ready_is("strategy", fault, reason)
        yield Stage(namespace, operator)
        assert operator.stop() == 0
    finally:
        if operator.is_running():
            operator.stop()
        api_server("delete", "namespace", name, "--wait=false")


def test_faults_of_users_are_not_tried_again(stage: Stage) -> None:
    stage.settle()
    began, passes = datetime.now(UTC), stage.passes()
    assert passes >= len(FAULTS), "the metric must count passes, or this test sees nothing"
    time.sleep(WATCHED_SECONDS)
    assert stage.passes() == passes
    assert [str(request) for request in stage.requests(began)] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_first_edit_is_looked_at_at_once(stage: Stage, fault: str) -> None:
    passes = stage.passes()
    stage.namespace.patch("strategy", fault, {"spec": {"signals": {"cooldownBars": 7}}})

    def seen() -> bool:
        return condition_of(stage.namespace.get("strategy", fault)).get("observedGeneration") == 2

    wait_for(seen, "the condition is of the new generation", CONDITION_SECONDS + SLACK_FOR_LOAD)
    assert condition_of(stage.namespace.get("strategy", fault))["reason"] == FAULTS[fault][1]
    assert stage.passes() > passes
