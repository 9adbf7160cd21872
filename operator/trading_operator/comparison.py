"""Desired against observed, on the fields that we set and no others.

The API server fills in defaults and rewrites amounts; comparing whole objects would find a difference for ever.
Lists follow the schema's rules for server-side apply: most are maps by a key, in which others may have items of their
own; the rest, and selectors, are atomic.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

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
_SERVER_SIDE: Final = frozenset({"apiVersion", "kind", "status"})


def differences(desired: Mapping[str, Any], observed: Mapping[str, Any]) -> list[str]:
    """Return the path of each field that is not as desired; empty when there is nothing to write."""
    wanted = {name: value for name, value in desired.items() if name not in _SERVER_SIDE}
    return list(_compare_maps(wanted, observed, ""))


def surplus_keys(desired: Mapping[str, Any], observed: Mapping[str, Any]) -> list[str]:
    """Return the keys of a ConfigMap's data that nobody but its owner may add: a pod would read them as its own."""
    if desired["kind"] != "ConfigMap":
        return []
    return sorted(set(observed.get("data") or {}) - set(desired.get("data") or {}))


def _compare(wanted: object, found: object, path: str, field: str) -> Iterator[str]:
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
