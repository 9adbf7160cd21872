"""What is to be written of a child, and whether it may be: pure decisions of the writer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from trading_operator import labels, reasons
from trading_operator.comparison import differences
from trading_operator.errors import UserError
from trading_operator.kinds import PODS_MAKERS
from trading_operator.observed import ChildKey, Document, ObjectKey, controller_of, is_going, kind_of, owner_uid

REPLICAS: Final = ".spec.replicas"
"""The path as the API server names it in a conflict."""
_REPLICAS_PATH: Final = REPLICAS.removeprefix(".")
"""The path as a comparison names it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The object whose children are written."""

    key: ObjectKey
    uid: str
    system: str
    settled: bool = False
    """Its children were written before; one that is missing now may be missing because the owner is going."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written of a child that exists."""

    manifest: Document
    kept: Document
    """The manifest with the replicas that are there, as long as nobody has taken them over from us."""
    paths: list[str]
    rivals: tuple[str, ...] = ()
    """Who else writes a number of pods that is fixed."""

    def without_what_was_taken(self, fields: tuple[str, ...]) -> Document:
        """Return what to insist on, of fields that others hold: replicas that an autoscaler has taken are its own."""
        return self.manifest if REPLICAS in fields else self.kept

    @property
    def is_ours(self) -> bool:
        """Whether we want something else than before, rather than somebody having changed the child."""
        return any(path.endswith(labels.APPLIED) for path in self.paths)

    @property
    def is_adoption(self) -> bool:
        """Whether the child has lost its owner: it was restored, or made again by somebody else."""
        return any(path.startswith("metadata.ownerReferences") for path in self.paths)


def change_of(manifest: Document, found: Document) -> Change | None:
    """Return what is to be written of a child that exists, or None where it is as it should be."""
    kept = with_kept_replicas(manifest, found)
    paths = differences(kept, found)
    if not paths:
        return None
    holders = found["metadata"].get("replicasHeldBy") or []
    rivals = tuple(holder for holder in holders if holder != labels.MANAGER)
    return Change(manifest, kept, paths, rivals if _REPLICAS_PATH in paths else ())


def with_kept_replicas(manifest: Document, found: Mapping[str, Any]) -> Document:
    """Return a manifest that leaves the number of pods to an autoscaler, with the number that we hold until it does.

    A field that nobody holds falls back to its default: turning an autoscaler on would end all pods but one.
    """
    makes_pods = kind_of(manifest) in PODS_MAKERS
    if not makes_pods or "replicas" in manifest["spec"] or found["metadata"].get("replicasHeldBy") != [labels.MANAGER]:
        return manifest
    return {**manifest, "spec": {**manifest["spec"], "replicas": found["spec"]["replicas"]}}


def is_frozen(manifest: Document, found: Document) -> bool:
    """Tell whether somebody made a child immutable: it cannot be changed or thawed, only made anew."""
    return bool(found.get("immutable")) and not manifest.get("immutable")


def is_ours(owner: Owner, found: Document) -> bool:
    """Tell whether an object is a child of this owner: by its controller, or, where that was taken, by its labels.

    Of two labels one may be gone too, but none may say something else.
    """
    uid = owner_uid(found)
    if uid is not None:
        return uid == owner.uid
    marks = found["metadata"].get("labels") or {}
    ours = {labels.MANAGED_BY: labels.MANAGER, labels.SYSTEM: owner.system}
    left = ours.keys() & marks.keys()
    return bool(left) and all(marks[name] == ours[name] for name in left)


def is_prunable(owner: Owner, found: Document) -> bool:
    """Tell whether a child may go when nothing asks for it: it is ours, made by us, and not going already.

    A restore may have taken its owner; garbage collection never takes such a one.
    """
    made_by_us = owner_uid(found) is not None or labels.APPLIED in found["metadata"]["annotations"]
    return made_by_us and is_ours(owner, found) and not is_going(found)


def check_is_ours(owner: Owner, key: ChildKey, found: Document) -> None:
    """Raise UserError for an object that is not a child of this owner."""
    if is_ours(owner, found):
        return
    told = f'{key.kind.kind} "{key.name}" exists in namespace "{key.namespace}" and is not of {owner.key}'
    raise UserError(reasons.NAME_CONFLICT, f"{told}: found {_holder(found)}; rename or remove it")


def _holder(found: Document) -> str:
    if controller := controller_of(found):
        return f'owner {controller["kind"]} "{controller["name"]}"'
    manager = (found["metadata"].get("labels") or {}).get(labels.MANAGED_BY)
    return f"label {labels.MANAGED_BY}={manager}" if manager else "no owner and no label of this operator"
