"""The operator keeps what it made, comes back from being away, writes nothing when idle, and leaves nothing behind."""

import json
import time
from collections.abc import Iterator

import pytest

from devcluster.instance import cache_root, load_instance
from devcluster.kubectl import Kubectl
from tests.e2e.conftest import INSTANCE, OPERATOR_NAMESPACE, RELEASE
from tests.e2e.platform import Document, Platform, condition_of, quickstart, wait_for

IDLE_SECONDS = 60
WRITES = {"create", "update", "patch", "delete", "deletecollection"}


@pytest.fixture(scope="module")
def platform(kubectl: Kubectl) -> Iterator[Platform]:
    platform = Platform(kubectl, "lifecycle")
    platform.apply(quickstart(closes_per_second=500))
    platform.wait_until_ready()
    return platform


def writes_of_the_operator() -> list[Document]:
    """Return the writes of the operator's account that the API server's audit log has, leases apart."""
    instance = load_instance(cache_root(), INSTANCE)
    assert instance is not None
    account = f"system:serviceaccount:{OPERATOR_NAMESPACE}:{RELEASE}"
    lines = (instance.folder / "log" / "audit.log").read_text().splitlines()
    events = [json.loads(line) for line in lines if account in line]
    writes = [event for event in events if event["verb"] in WRITES and event["user"]["username"] == account]
    return [event for event in writes if event["objectRef"]["resource"] != "leases"]


def test_status_columns_show_what_runs(platform: Platform) -> None:
    platform.wait_until_replayed("dip-buyer")
    wait_for(lambda: platform.get("strategy", "dip-buyer")["status"].get("lastSignalText"), "a last signal in status")
    shown = platform.kubectl("get", "strategies", f"--namespace={platform.namespace}")
    assert "MovingAverageCross" in shown
    wait_for(lambda: platform.system_status()["strategies"] == {"total": 2, "ready": 2}, "both strategies counted", 20)
    assert condition_of({"status": platform.system_status()}, "DataDurable")["status"] == "True"


def test_idle_minute_brings_no_write(platform: Platform) -> None:
    platform.wait_until_replayed("tech-ma-cross")
    time.sleep(25)  # the newest signals reach the status at most every ten seconds
    before = len(writes_of_the_operator())
    time.sleep(IDLE_SECONDS)
    late = [f"{event['verb']} {event['requestURI']}" for event in writes_of_the_operator()[before:]]
    assert late == []
    assert before > 0, "the audit log must show the writes of the creation, or this test sees nothing"


def test_deleted_and_edited_children_come_back(platform: Platform) -> None:
    kubectl, where = platform.kubectl, f"--namespace={platform.namespace}"
    kubectl("delete", "service", "signal-service", where)
    patch = '{"spec":{"replicas":0}}'
    kubectl("patch", "deployment", "data-service", where, "--type=merge", f"--patch={patch}")
    wait_for(lambda: kubectl.find("service", "signal-service", where), "the Service is back", 10)
    wait_for(lambda: platform.get("deployment", "data-service")["spec"]["replicas"] == 1, "one replica again", 10)
    platform.wait_until_ready()


def test_object_applied_while_the_operator_is_away_is_reconciled(platform: Platform) -> None:
    operator = (f"deployment/{RELEASE}", f"--namespace={OPERATOR_NAMESPACE}")
    platform.kubectl("scale", *operator, "--replicas=0")
    platform.kubectl("wait", "--for=delete", "pod", "--all", f"--namespace={OPERATOR_NAMESPACE}", "--timeout=60s")
    late = quickstart(closes_per_second=500)[2]
    late["metadata"] = {
        "name": "late",
        "annotations": {"kopf.zalando.org/last-handled-configuration": json.dumps({"spec": late["spec"]})},
    }
    platform.apply([late])
    platform.kubectl("scale", *operator, "--replicas=1")
    platform.wait_until_ready()
    platform.wait_until_replayed("late")
    assert [signal["id"] for signal in platform.signals("late")] == [
        signal["id"] for signal in platform.signals("dip-buyer")
    ]


def test_spec_and_metadata_stay_as_the_user_wrote_them(platform: Platform) -> None:
    document = platform.kubectl.get(
        "strategy", "dip-buyer", f"--namespace={platform.namespace}", "--show-managed-fields"
    )
    managers = {entry["manager"]: json.dumps(entry["fieldsV1"]) for entry in document["metadata"]["managedFields"]}
    assert "f:spec" not in managers["trading-operator"]
    assert not document["metadata"].get("finalizers")
    assert not any("kopf" in name for name in document["metadata"].get("annotations", {}))


def test_deleting_the_objects_leaves_nothing_behind(platform: Platform) -> None:
    kubectl, where = platform.kubectl, f"--namespace={platform.namespace}"
    kubectl("delete", "strategies,tradingsystems", "--all", where)
    kinds = (
        "deployments,statefulsets,replicasets,pods,services,configmaps,secrets,persistentvolumeclaims,serviceaccounts"
    )

    def left() -> list[str]:
        found = kubectl("get", kinds, where, "--output=name").split()
        return [name for name in found if name not in {"configmap/kube-root-ca.crt", "serviceaccount/default"}]

    wait_for(lambda: not left(), "nothing is left in the namespace", 90)
