"""The workloads of a system, one by one: what there should be, what there is, what is wrong."""

from collections.abc import Mapping
from typing import Any

from trading_operator.api.tradingsystem import Component
from trading_operator.kinds import PODS_MAKERS
from trading_operator.observed import ChildKey, Document, deletion_of


def components_of(wanted: list[Document], observed: Mapping[ChildKey, Document]) -> list[Component]:
    """Return every workload that should exist, as far as it is there."""
    return [
        _component(document, observed.get(ChildKey(kind, document["metadata"]["namespace"], _name(document))))
        for kind in PODS_MAKERS
        for document in wanted
        if document["kind"] == kind.kind
    ]


def _component(wanted: Document, found: Document | None) -> Component:
    replicas = _replicas(wanted, found)
    if found is None:
        return Component(name=_name(wanted), ready=False, replicas=replicas, message="is not there yet")
    status: Mapping[str, Any] = found.get("status") or {}
    ready = int(status.get("readyReplicas", 0))
    message = _problem(found, status, replicas)
    return Component(name=_name(wanted), ready=not message, replicas=replicas, ready_replicas=ready, message=message)


def _replicas(wanted: Document, found: Document | None) -> int:
    """Return how many pods there should be: as we ask, else as an autoscaler asks."""
    asked = wanted["spec"].get("replicas")
    return int(asked if asked is not None else (found or wanted)["spec"].get("replicas", 1))


def _problem(found: Document, status: Mapping[str, Any], replicas: int) -> str:
    """Return what is wrong with a workload, or nothing."""
    if deletion := deletion_of(found):
        return deletion
    for condition in status.get("conditions") or []:
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            return f"makes no pods: {condition.get('message', '')}"
    ready = int(status.get("readyReplicas", 0))
    if ready < replicas:
        return f"has {ready} of {replicas} pods ready{_hint(status)}"
    unseen = int(status.get("observedGeneration", 0)) < int(found["metadata"].get("generation", 0))
    if unseen or int(status.get("updatedReplicas", 0)) < replicas:
        return "is being replaced by its new version"
    return ""


def _hint(status: Mapping[str, Any]) -> str:
    for condition in status.get("conditions") or []:
        if condition.get("type") == "Progressing" and condition.get("status") == "False":
            return f": {condition.get('message', '')}"
    return ""


def _name(document: Document) -> str:
    return str(document["metadata"]["name"])


def held_children(children: Mapping[ChildKey, Document]) -> dict[ChildKey, str]:
    """Return the children that are being deleted and held by somebody's finalizers, with since when and which."""
    return {key: told for key, child in children.items() if (told := deletion_of(child))}


def has_ready_pods(deployment: Document | None) -> bool:
    """Tell whether a Deployment has any pod that answers."""
    return bool(deployment and (deployment.get("status") or {}).get("readyReplicas"))
