"""What the engine does with kinds and fields that this release's own children do not have yet."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import yaml

from devcluster.kubectl import Kubectl
from tests.integration.operator.documents import SYSTEM, make_system
from tests.integration.operator.inprocess import Wish, operating, until
from trading_operator import labels
from trading_operator.acceptance import parse_system
from trading_operator.kinds import AUTOSCALER, BY_KIND, CONFIG_MAP, DEPLOYMENT, SERVICE, Kind

Document = dict[str, Any]

WIDGET = Kind("neighbours.example", "v1", "Widget", "widgets")
KINDS = (CONFIG_MAP, SERVICE, DEPLOYMENT, AUTOSCALER, WIDGET)
BALANCED: Document = {
    "type": "ClusterIP",
    "ports": [{"name": "http", "port": 80}],
    "sessionAffinity": "ClientIP",
}
DEFINITION: Document = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"{WIDGET.plural}.{WIDGET.group}"},
    "spec": {
        "group": WIDGET.group,
        "scope": "Namespaced",
        "names": {"kind": WIDGET.kind, "plural": WIDGET.plural},
        "versions": [
            {
                "name": WIDGET.version,
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}


def deployment(**spec: Any) -> Document:
    marks = {"run": "web"}
    template = {"metadata": {"labels": marks}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
    wanted = {"selector": {"matchLabels": marks}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": wanted}


def autoscaler(fewest: int, most: int) -> Document:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": fewest, "maxReplicas": most}
    return {"apiVersion": AUTOSCALER.api_version, "kind": AUTOSCALER.kind, "spec": spec}


@pytest.fixture
def place(api_server: Kubectl, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wish]:
    """A namespace with a system, for wishes; the operator does not run yet."""
    monkeypatch.setitem(BY_KIND, (WIDGET.api_version, WIDGET.kind), WIDGET)  # one more kind, for these tests alone
    created = api_server("create", "--filename=-", "--output=name", text=yaml.safe_dump(_namespace()))
    wish = Wish(api_server, created.strip().partition("/")[2])
    system = make_system()
    system["metadata"]["namespace"] = wish.namespace
    api_server("apply", "--server-side", "--filename=-", text=yaml.safe_dump(system))
    yield wish
    api_server("delete", "namespace", wish.namespace, "--wait=false")


@pytest.fixture
async def wish(place: Wish) -> AsyncIterator[Wish]:
    """An operator that makes what a test wishes."""
    async with operating(place, KINDS):
        yield place


def _namespace() -> Document:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "engine-"}}


def find(wish: Wish, kind: str, name: str) -> Document | None:
    return wish.kubectl.find(kind, name, f"--namespace={wish.namespace}")


def replicas(wish: Wish) -> int | None:
    found = find(wish, "deployment", "web")
    return found["spec"]["replicas"] if found else None


class Versions:
    """Every number of replicas that a Deployment ever had, as a watch saw them."""

    def __init__(self, wish: Wish, tmp_path: Path) -> None:
        self.wish, self.path = wish, tmp_path / "versions"

    async def __aenter__(self) -> Self:
        kubectl = self.wish.kubectl
        self._file = self.path.open("wb")
        self._process = await asyncio.create_subprocess_exec(
            kubectl.programs / "kubectl",
            f"--kubeconfig={kubectl.kubeconfig}",
            "get",
            "deployments",
            f"--namespace={self.wish.namespace}",
            "--watch",
            "--output=jsonpath={.spec.replicas}{'\\n'}",
            stdout=self._file,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.terminate()
        await self._process.wait()
        self._file.close()

    def seen(self) -> list[int]:
        return [int(line) for line in self.path.read_text().split()]


async def test_autoscaler_takes_the_replicas_over_without_a_dip_and_gives_them_back(wish: Wish, tmp_path: Path) -> None:
    await wish.change(web=deployment(replicas=3))
    await until(lambda: replicas(wish) == 3, "three pods are asked for")
    async with Versions(wish, tmp_path) as versions:
        await until(versions.seen, "the watch says what there is")
        await wish.change(web=deployment())
        await until(lambda: _applied(wish) == _wanted(wish), "the number is nobody's wish any more")
        assert replicas(wish) == 3
        await wish.change(scaler=autoscaler(5, 8))
        await until(lambda: replicas(wish) == 5, "the autoscaler asks for its fewest", 60)
        await wish.change(web=deployment(minReadySeconds=1))
        await until(lambda: _applied(wish) == _wanted(wish), "a field beside it is changed")
        assert replicas(wish) == 5
        await wish.change(web=deployment(replicas=2), scaler=None)
        await until(lambda: replicas(wish) == 2, "the fixed number is back")
        assert versions.seen()[0] == 3
        assert set(versions.seen()) <= {3, 5, 2}


def _wanted(wish: Wish) -> str:
    system = wish.kubectl.get("tradingsystem", SYSTEM, f"--namespace={wish.namespace}")
    wanted = {document["metadata"]["name"]: document for document in wish.desired(parse_system(system))}
    return str(wanted["web"]["metadata"]["annotations"][labels.APPLIED])


def _applied(wish: Wish) -> str:
    found = find(wish, "deployment", "web") or {"metadata": {}}
    return str(found["metadata"].get("annotations", {}).get(labels.APPLIED))


async def test_kind_that_is_served_later_gets_its_children_then(wish: Wish) -> None:
    widget = {"apiVersion": WIDGET.api_version, "kind": WIDGET.kind, "spec": {"size": 1}}
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1"}}
    await wish.change(early=widget, settings=settings)
    await until(lambda: find(wish, "configmap", "settings"), "the other children are made meanwhile")
    await until(lambda: _condition(wish, "KindsServed") == "KindNotServed", "the status says what is missing")
    wish.kubectl("apply", "--server-side", "--filename=-", text=yaml.safe_dump(DEFINITION))
    try:
        await until(lambda: find(wish, "widget", "early"), "the widget, once there are widgets", 30)
        await until(lambda: not _condition(wish, "KindsServed"), "nothing is missing any more")
    finally:
        wish.kubectl("delete", "crd", DEFINITION["metadata"]["name"])
    await until(lambda: _condition(wish, "KindsServed") == "KindNotServed", "the definition went, and it is said", 60)
    assert find(wish, "configmap", "settings")


def _condition(wish: Wish, kind: str) -> str:
    system = find(wish, "tradingsystem", SYSTEM) or {}
    found = (system.get("status") or {}).get("conditions") or []
    return next((str(condition["reason"]) for condition in found if condition["type"] == kind), "")


async def test_restored_child_is_ours_again_and_loses_what_we_stop_setting(place: Wish) -> None:
    """As after a restore: owners stripped, everything held by whoever restored it, foreign annotations there."""
    async with operating(place, KINDS):
        found = await _served(place)
    place.kubectl("delete", "service", "web", f"--namespace={place.namespace}")
    _restore(place, found)
    async with operating(place, KINDS):
        await until(lambda: _holders(place) == {labels.MANAGER}, "what is set is held by the operator alone")
        plain = {name: value for name, value in BALANCED.items() if name != "sessionAffinity"}
        await place.change(web={"apiVersion": "v1", "kind": "Service", "spec": plain})
        await until(lambda: _affinity(place) == "None", "the default is back")
    metadata = (find(place, "service", "web") or {})["metadata"]
    assert metadata["annotations"]["somebody/note"] == "kept"
    assert [reference["name"] for reference in metadata["ownerReferences"]] == [SYSTEM]


async def test_restored_child_that_nobody_asks_for_goes(wish: Wish) -> None:
    """Nobody else would remove it: it has no owner for garbage collection to miss."""
    found = await _served(wish)
    await wish.change(web=None)
    await until(lambda: not find(wish, "service", "web"), "no Service")
    _restore(wish, found)
    await until(lambda: not find(wish, "service", "web"), "no Service again")


async def _served(wish: Wish) -> Document:
    """Return the Service that was wished for, once it is there."""
    await wish.change(web={"apiVersion": "v1", "kind": "Service", "spec": BALANCED})
    return await until(lambda: find(wish, "service", "web"), "the Service")


def _restore(wish: Wish, found: Document) -> None:
    metadata = {name: found["metadata"][name] for name in ("name", "namespace", "labels")}
    annotations = {**found["metadata"]["annotations"], "somebody/note": "kept"}
    document = {**found, "metadata": {**metadata, "annotations": annotations}}
    document.pop("status", None)
    for assigned in ("clusterIP", "clusterIPs"):
        document["spec"].pop(assigned, None)
    wish.kubectl("create", "--filename=-", "--field-manager=restorer", text=json.dumps(document))


def _affinity(wish: Wish) -> str:
    return str((find(wish, "service", "web") or {})["spec"]["sessionAffinity"])


def _holders(wish: Wish) -> set[str]:
    """Return who holds the affinity of the Service."""
    where = f"--namespace={wish.namespace}"
    found = wish.kubectl.get("service", "web", where, "--show-managed-fields")
    entries = found["metadata"]["managedFields"]
    return {entry["manager"] for entry in entries if "f:sessionAffinity" in entry["fieldsV1"].get("f:spec", {})}
