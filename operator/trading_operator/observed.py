"""Documents of the API server: what identifies them, whose they are, and what is kept of them."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from trading_operator import labels
from trading_operator.kinds import BY_KIND, PODS_MAKERS, SECRET, STRATEGY, TRADING_SYSTEM, Kind
from trading_operator.ownership import holders_of_replicas

Document = dict[str, Any]


class ObjectKey(NamedTuple):
    """One of our own objects."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class ChildKey(NamedTuple):
    """One child."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind.kind} {self.namespace}/{self.name}"

    @property
    def inventory_entry(self) -> str:
        """The child as `status.inventory` names it."""
        return f"{self.kind.group or 'core'}/{self.kind.kind}/{self.name}"


_STATUS_FIELDS: Final = ("observedGeneration", "replicas", "readyReplicas", "updatedReplicas", "conditions")


def child_key(document: Document) -> ChildKey:
    """Return the key of a child's document."""
    metadata = document["metadata"]
    return ChildKey(kind_of(document), metadata["namespace"], metadata["name"])


def kind_of(document: Document) -> Kind:
    """Return the kind of a child's document."""
    return BY_KIND[document["apiVersion"], document["kind"]]


def trim_child(document: Document) -> Document:
    """Return a child without what is neither compared nor reported: about a tenth of it.

    Of most kinds the status is not: an autoscaler's is new every few seconds.
    """
    metadata = document["metadata"]
    kept = {
        name: metadata[name]
        for name in ("name", "namespace", "uid", "resourceVersion", "generation", "labels", "deletionTimestamp")
        if name in metadata
    }
    if is_going(document):
        kept["finalizers"] = metadata.get("finalizers", [])
    kept["ownerReferences"] = metadata.get("ownerReferences", [])
    kept["annotations"] = {
        name: value
        for name, value in metadata.get("annotations", {}).items()
        if name.startswith(labels.OWN_PREFIX) or name == labels.ALLOW_PRUNE
    }
    kept["replicasHeldBy"] = sorted(holders_of_replicas(metadata.get("managedFields") or []))
    body = {name: value for name, value in document.items() if name not in {"metadata", "status"}}
    status = document.get("status") or {} if kind_of(document) in PODS_MAKERS else {}
    seen = {name: status[name] for name in _STATUS_FIELDS if name in status}
    return {**body, "metadata": kept, "status": seen}


def cut_child(child: Document) -> Document:
    """Return what is still needed of a trimmed child that is as it should be: all but what was compared.

    The token of a Secret and the number of pods are read from it.
    """
    if kind_of(child) == SECRET:
        return child
    kept = {name: child[name] for name in ("apiVersion", "kind", "metadata", "status")}
    if kind_of(child) in PODS_MAKERS:
        kept["spec"] = {name: value for name, value in child["spec"].items() if name == "replicas"}
    return kept


def trim_object(document: Document) -> Document:
    """Return one of our own objects without the history of its fields."""
    metadata = {name: value for name, value in document["metadata"].items() if name != "managedFields"}
    return {**document, "metadata": metadata}


def controller_of(document: Document) -> Mapping[str, Any] | None:
    """Return the reference to the object that controls a child."""
    references = document["metadata"].get("ownerReferences") or []
    return next((reference for reference in references if reference.get("controller")), None)


def owner_uid(document: Document) -> str | None:
    """Return the uid of the object that controls a child."""
    controller = controller_of(document)
    return str(controller["uid"]) if controller else None


def owner_key(document: Document) -> ObjectKey | None:
    """Return the key of the object that a child belongs to: by its controller, else, after a restore, by its labels."""
    if not (controller := controller_of(document)):
        return _labelled_owner(document)
    if controller.get("kind") not in {STRATEGY.kind, TRADING_SYSTEM.kind}:
        return None
    return ObjectKey(controller["kind"], document["metadata"]["namespace"], controller["name"])


def concerned(document: Document) -> set[ObjectKey]:
    """Return whom news of a child concerns: its owner, and who would be that but for somebody else's reference."""
    return {key for key in (owner_key(document), _labelled_owner(document)) if key}


def _labelled_owner(document: Document) -> ObjectKey | None:
    metadata = document["metadata"]
    found: Mapping[str, str] = metadata.get("labels") or {}
    if name := found.get(labels.STRATEGY):
        return ObjectKey(STRATEGY.kind, metadata["namespace"], name)
    if name := found.get(labels.SYSTEM):
        return ObjectKey(TRADING_SYSTEM.kind, metadata["namespace"], name)
    return None


def version_of(document: Document) -> int:
    """Return the resource version as the growing number that it is."""
    version = document["metadata"].get("resourceVersion", "")
    return int(version) if version.isdigit() else 0


def object_key(body: Document) -> ObjectKey:
    """Return the key of one of our own objects."""
    return ObjectKey(body["kind"], body["metadata"].get("namespace", "default"), body["metadata"]["name"])


def uid_of(body: Document) -> str:
    return str(body["metadata"].get("uid", ""))


def system_ref(body: Document) -> str:
    """Return the name of the system that a strategy names; nothing where the spec is not even a document."""
    spec = body.get("spec")
    reference = spec.get("systemRef") if isinstance(spec, dict) else None
    name = reference.get("name") if isinstance(reference, dict) else None
    return name if isinstance(name, str) else ""


def is_going(body: Document) -> bool:
    """Tell whether an object is being deleted."""
    return bool(body["metadata"].get("deletionTimestamp"))


def deletion_of(child: Document) -> str:
    """Return since when a child is being deleted and what holds it; nothing where it stays, or just goes."""
    metadata = child["metadata"]
    if not is_going(child) or not metadata.get("finalizers"):
        return ""
    held = f"held by {', '.join(metadata['finalizers'])}"
    return f"is being deleted since {metadata['deletionTimestamp']} and {held}"
