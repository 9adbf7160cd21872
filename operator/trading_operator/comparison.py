"""Desired against observed, on the fields that we set and no others.

The API server fills in defaults and rewrites amounts; comparing whole objects would find a difference for ever.
Lists follow the schema's rules for server-side apply: most are maps by a key, in which others may have items of their
own; the rest, and selectors, are atomic.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from trading_operator.quantities import same_amount

MAP_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
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
_KEY_DEFAULTS: Final = {"protocol": "TCP"}
_ATOMIC_MAPS: Final = frozenset({"selector", "matchLabels", "nodeSelector"})
"""Maps that have one owner as a whole: an extra key is a difference."""
_AMOUNTS: Final = frozenset({"requests", "limits", "sizeLimit"})
_SERVER_SIDE: Final = frozenset({"apiVersion", "kind", "status"})


def differences(desired: Mapping[str, Any], observed: Mapping[str, Any]) -> list[str]:
    """Return the path of each field that is not as desired; empty when there is nothing to write."""
    wanted = {name: value for name, value in desired.items() if name not in _SERVER_SIDE}
    return list(_compare_maps(wanted, observed, ""))


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
    elif keys := MAP_KEYS.get(field):
        by_key = {key_of(item, keys): item for item in found}
        for item in wanted:
            yield from _compare(item, by_key.get(key_of(item, keys)), f"{path}[{place_of(item, keys)}]", "")
    elif len(wanted) != len(found):
        yield path
    else:
        for place, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _compare(one, other, f"{path}[{place}]", "")


def key_of(item: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[Any, ...]:
    """Return what tells an item of a list from the others."""
    return tuple(item.get(key, _KEY_DEFAULTS.get(key)) for key in keys)


def place_of(item: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Return how an item of a list is named in a path."""
    return "/".join(str(item[key]) for key in keys if key in item)


def _same_scalar(wanted: object, found: object, *, is_amount: bool) -> bool:
    if wanted == found and isinstance(wanted, bool) == isinstance(found, bool):
        return True
    if is_amount:
        return same_amount(wanted, found)
    # An int-or-string field may come back as the other one.
    return isinstance(wanted, int | str) and not isinstance(wanted, bool) and str(wanted) == str(found)
