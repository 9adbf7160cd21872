"""Who holds which field of a child, as its managed fields say.

Server-side apply removes a field that we stop setting only where nobody else holds it too. An object that was
restored or recreated is held whole by whoever wrote it; once it is ours again, what we set is to be ours alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from trading_operator.labels import MANAGER

Fields = Mapping[str, Any]
"""A tree of names as `fieldsV1` has it; a leaf is an empty one."""

_ITSELF: Final = "."
"""Stands for a map or list item itself, beside the fields inside of it."""


def holders_of_replicas(managed_fields: list[dict[str, Any]]) -> set[str]:
    """Return the managers that hold `spec.replicas`."""
    return {
        entry.get("manager", "")
        for entry in managed_fields
        if "f:replicas" in ((entry.get("fieldsV1") or {}).get("f:spec") or {})
    }


def claimed(managed_fields: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """Return the entries with what we apply taken out of everybody else's; None where nobody holds any of it.

    Entries for a subresource stay: an autoscaler's is the reason why we do not set its field.
    """
    ours = next((entry["fieldsV1"] for entry in managed_fields if _is_our_apply(entry)), None)
    if ours is None:
        return None
    kept = [
        entry if _is_our_apply(entry) or entry.get("subresource") else _without(entry, ours) for entry in managed_fields
    ]
    found = [entry for entry in kept if entry["fieldsV1"]]
    return found if found != managed_fields else None


def _is_our_apply(entry: Mapping[str, Any]) -> bool:
    return (entry.get("manager"), entry.get("operation"), entry.get("subresource", "")) == (MANAGER, "Apply", "")


def _without(entry: dict[str, Any], ours: Fields) -> dict[str, Any]:
    return {**entry, "fieldsV1": _difference(entry.get("fieldsV1") or {}, ours)}


def _difference(fields: Fields, ours: Fields) -> dict[str, Any]:
    """Return the fields that are not ours; what holds nothing of its own any more goes too."""
    kept = {}
    for name, inner in fields.items():
        if name == _ITSELF and name in ours:
            continue
        if name not in ours:
            kept[name] = inner
        elif rest := _difference(inner, ours[name]):
            kept[name] = rest
    return kept
