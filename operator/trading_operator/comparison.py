"""Desired against observed, on the fields that we set and no others.

The API server fills in defaults and rewrites amounts; comparing whole objects would find a difference for ever.
Lists follow the schema's rules for server-side apply: most are maps by a key, in which others may have items of their
own; the rest, and selectors, are atomic.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from trading_operator.quantities import same_amount

_MAP_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "imagePullSecrets": ("name",),
    "ports": ("port", "containerPort", "protocol"),
    "ownerReferences": ("uid",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
}
"""Lists that are maps, by the name of their field, and the fields that make the key."""
_ATOMIC_MAPS: Final = frozenset({"selector", "matchLabels", "nodeSelector"})
"""Maps that have one owner as a whole: an extra key is a difference."""
_AMOUNTS: Final = frozenset({"requests", "limits", "sizeLimit"})
_PODS_MAKERS: Final = frozenset({"Deployment", "StatefulSet"})
_OWNED_LISTS: Final = ("containers", "initContainers", "volumes")
"""Lists of a pod template that have one owner, whatever server-side apply says."""
_EXECUTED: Final = ("command", "args", "envFrom", "lifecycle")
_SERVER_SIDE: Final = frozenset({"apiVersion", "kind", "status"})


def differences(desired: Mapping[str, Any], observed: Mapping[str, Any]) -> list[str]:
    """Return the path of each field that is not as desired; empty when there is nothing to write."""
    wanted = {name: value for name, value in desired.items() if name not in _SERVER_SIDE}
    return list(_compare_maps(wanted, observed, ""))


class Surplus(NamedTuple):
    """What somebody added where nobody else may: the paths, and the merge patch that removes it."""

    paths: list[str]
    patch: dict[str, Any]


def surplus_of(desired: Mapping[str, Any], observed: Mapping[str, Any]) -> Surplus:
    """Return what a pod would read or run as its own although its owner did not ask for it.

    Server-side apply leaves such additions alone, because they belong to another field manager.
    """
    if desired["kind"] == "ConfigMap":
        keys = sorted(set(observed.get("data") or {}) - set(desired.get("data") or {}))
        return Surplus([f"data.{key}" for key in keys], {"data": dict.fromkeys(keys)})
    if desired["kind"] in _PODS_MAKERS:
        wanted, found = _pod_of(desired), _pod_of(observed)
        paths = list(_pod_surplus(wanted, found))
        exact = {name: wanted.get(name) for name in _OWNED_LISTS}
        return Surplus(paths, {"spec": {"template": {"spec": exact}}})
    return Surplus([], {})


def _pod_of(workload: Mapping[str, Any]) -> Mapping[str, Any]:
    pod: Mapping[str, Any] = workload["spec"]["template"]["spec"]
    return pod


def _pod_surplus(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for name in _OWNED_LISTS:
        yield from _added(wanted, found, name, f"spec.template.spec.{name}")
    seen = {container["name"]: container for container in found.get("containers") or []}
    for container in wanted["containers"]:
        where = f"spec.template.spec.containers[{container['name']}]"
        other = seen.get(container["name"], {})
        yield from _added(container, other, "env", f"{where}.env")
        yield from _added(container, other, "volumeMounts", f"{where}.volumeMounts", key="mountPath")
        yield from (f"{where}.{field}" for field in _EXECUTED if field in other and field not in container)


def _added(
    wanted: Mapping[str, Any], found: Mapping[str, Any], field: str, path: str, key: str = "name"
) -> Iterator[str]:
    known = {item[key] for item in wanted.get(field) or []}
    yield from (f"{path}[{item[key]}]" for item in found.get(field) or [] if item[key] not in known)


def _compare(wanted: object, found: object, path: str, field: str) -> Iterator[str]:
    if isinstance(wanted, dict | list) and wanted == found:
        return  # most of a child is as it was asked for, without a default: no need to go through it
    if isinstance(wanted, Mapping):
        if not isinstance(found, Mapping) or (field in _ATOMIC_MAPS and set(found) - set(wanted)):
            yield path
        else:
            yield from _compare_maps(wanted, found, path, amounts=field in _AMOUNTS)
    elif isinstance(wanted, Sequence) and not isinstance(wanted, str):
        yield from _compare_lists(wanted, found, path, field)
    elif not _same_scalar(wanted, found, is_amount=field in _AMOUNTS):
        yield path


def _compare_maps(
    wanted: Mapping[str, Any], found: Mapping[str, Any], path: str, *, amounts: bool = False
) -> Iterator[str]:
    for name, value in wanted.items():
        where = f"{path}.{name}" if path else name
        if amounts:
            if not same_amount(value, found.get(name)):
                yield where
        elif name not in found:
            yield where
        else:
            yield from _compare(value, found[name], where, name)


def _compare_lists(wanted: Sequence[Any], found: object, path: str, field: str) -> Iterator[str]:
    if not isinstance(found, Sequence):
        yield path
    elif keys := _MAP_KEYS.get(field):
        by_key = {_key(item, keys): item for item in found}
        for item in wanted:
            where = f"{path}[{'/'.join(str(item[key]) for key in keys if key in item)}]"
            yield from _compare(item, by_key.get(_key(item, keys)), where, "")
    elif len(wanted) != len(found):
        yield path
    else:
        for place, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _compare(one, other, f"{path}[{place}]", "")


def _key(item: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(item.get(key) for key in keys)


def _same_scalar(wanted: object, found: object, *, is_amount: bool) -> bool:
    if wanted == found and isinstance(wanted, bool) == isinstance(found, bool):
        return True
    if is_amount:
        return same_amount(wanted, found)
    # An int-or-string field may come back as the other one.
    return isinstance(wanted, int | str) and not isinstance(wanted, bool) and str(wanted) == str(found)
