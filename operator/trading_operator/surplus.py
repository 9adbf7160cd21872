"""What others added to a child where nobody else may, and the merge patch that takes it away.

Server-side apply leaves such additions alone, because they belong to another field manager. What the API server fills
in and what the cluster assigns is no addition, and metadata is everybody's: there others mark what they follow.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from trading_operator.comparison import MAP_KEYS, key_of, place_of

_FILES: Final = ("data", "binaryData")
"""What pods read as files: every key counts, an empty one too."""
_WITH_FILES: Final = frozenset({"ConfigMap", "Secret"})
_WITH_SPEC: Final = frozenset({"Service", "StatefulSet", "Deployment"})
_PROBE: Final[Mapping[str, tuple[Any, ...]]] = {
    "timeoutSeconds": (1,),
    "periodSeconds": (10,),
    "successThreshold": (1,),
    "failureThreshold": (3,),
}
_MOUNTED: Final[Mapping[str, tuple[Any, ...]]] = {"defaultMode": (420,)}
_ANY: Final[tuple[Any, ...]] = ()
"""A field whose value is the cluster's to choose."""
_FILLED_IN: Final[Mapping[str, Mapping[str, tuple[Any, ...]]]] = {
    "Service": {
        "type": ("ClusterIP",),
        "clusterIP": _ANY,
        "clusterIPs": _ANY,
        "ipFamilies": _ANY,
        "ipFamilyPolicy": _ANY,
        "healthCheckNodePort": _ANY,
        "allocateLoadBalancerNodePorts": (True,),
        "externalTrafficPolicy": ("Cluster",),
        "internalTrafficPolicy": ("Cluster",),
        "sessionAffinity": ("None",),
        "sessionAffinityConfig": ({"clientIP": {"timeoutSeconds": 10800}},),
    },
    "Deployment": {
        "replicas": _ANY,
        "strategy": ({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},),
        "progressDeadlineSeconds": (600,),
        "revisionHistoryLimit": (10,),
    },
    "StatefulSet": {
        "replicas": _ANY,
        "podManagementPolicy": ("OrderedReady",),
        "updateStrategy": (
            {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
            {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 1}},
        ),
        "persistentVolumeClaimRetentionPolicy": ({"whenDeleted": "Retain", "whenScaled": "Retain"},),
        "revisionHistoryLimit": (10,),
    },
    "strategy": {"type": ("RollingUpdate",), "rollingUpdate": ({"maxSurge": "25%", "maxUnavailable": "25%"},)},
    "updateStrategy": {"rollingUpdate": ({"partition": 0}, {"partition": 0, "maxUnavailable": 1})},
    "rollingUpdate": {"maxSurge": ("25%",), "maxUnavailable": ("25%", 1), "partition": (0,)},
    "volumeClaimTemplates": {"apiVersion": _ANY, "kind": _ANY, "status": _ANY},
    "spec": {
        "serviceAccount": _ANY,  # an older name of `serviceAccountName`, always the same as that
        "restartPolicy": ("Always",),
        "dnsPolicy": ("ClusterFirst",),
        "schedulerName": ("default-scheduler",),
        "terminationGracePeriodSeconds": (30,),
        "enableServiceLinks": (True,),
        "volumeMode": ("Filesystem",),
    },
    "containers": {
        "imagePullPolicy": ("IfNotPresent", "Always"),
        "terminationMessagePath": ("/dev/termination-log",),
        "terminationMessagePolicy": ("File",),
    },
    "ports": {"protocol": ("TCP",), "targetPort": _ANY, "nodePort": _ANY},
    "livenessProbe": _PROBE,
    "readinessProbe": _PROBE,
    "startupProbe": _PROBE,
    "httpGet": {"path": ("/",), "scheme": ("HTTP",)},
    "fieldRef": {"apiVersion": ("v1",)},
    "resourceFieldRef": {"divisor": ("0",)},
    "configMap": _MOUNTED,
    "secret": _MOUNTED,
    "projected": _MOUNTED,
    "downwardAPI": _MOUNTED,
    "serviceAccountToken": {"expirationSeconds": (3600,)},
}
"""What is not asked for and there all the same: by the field around it, and with the values that are no addition."""
_SAME_AS: Final[Mapping[str, str]] = {"initContainers": "containers"}


class Surplus(NamedTuple):
    """What somebody added where nobody else may: the paths, and the merge patch that removes it."""

    paths: list[str]
    patch: dict[str, Any]


def surplus_of(desired: Mapping[str, Any], observed: Mapping[str, Any]) -> Surplus:
    """Return what is in a child although its owner did not ask for it."""
    kind = desired["kind"]
    paths: list[str] = []
    patch: dict[str, Any] = {}
    if kind in _WITH_FILES:
        for section in _FILES:
            added = sorted((observed.get(section) or {}).keys() - (desired.get(section) or {}).keys())
            if added and "data" in desired:  # else a value is kept as it is, whatever it is
                paths += [f"{section}.{name}" for name in added]
                patch[section] = dict.fromkeys(added)
    elif kind in _WITH_SPEC and (inner := _of_map(desired["spec"], observed.get("spec") or {}, "spec", kind, paths)):
        patch["spec"] = inner
    return Surplus(paths, patch)


def _of_map(
    wanted: Mapping[str, Any], there: Mapping[str, Any], where: str, name: str, paths: list[str]
) -> dict[str, Any]:
    """Return the merge patch that leaves of a map what is wanted and what is filled in; add the paths of the rest."""
    filled_in = _FILLED_IN.get(_SAME_AS.get(name, name), {})
    patch: dict[str, Any] = {}
    for field, value in there.items():
        path = f"{where}.{field}"
        asked = wanted.get(field)
        if asked == value or field == "metadata":
            continue
        if asked is None:
            if not _is_nothing(value) and not _is_filled_in(filled_in.get(field), value):
                paths.append(path)
                patch[field] = None
        elif isinstance(asked, Mapping) and isinstance(value, Mapping):
            if inner := _of_map(asked, value, path, field, paths):
                patch[field] = inner
        elif isinstance(asked, Sequence) and isinstance(value, Sequence) and not isinstance(asked, str):
            known = len(paths)
            _of_list(asked, value, path, field, paths)
            if len(paths) > known:
                patch[field] = asked
    return patch


def _of_list(asked: Sequence[Any], there: Sequence[Any], where: str, name: str, paths: list[str]) -> None:
    for wanted, item, path in _pairs(asked, there, where, name):
        if wanted is None:
            paths.append(path)
        elif isinstance(wanted, Mapping) and isinstance(item, Mapping) and wanted != item:
            _of_map(wanted, item, path, name, paths)


def _pairs(asked: Sequence[Any], there: Sequence[Any], where: str, name: str) -> Iterator[tuple[Any, Any, str]]:
    """Return what was asked for beside each item that is there, and the path of it."""
    if keys := MAP_KEYS.get(name):
        by_key = {key_of(item, keys): item for item in asked}
        yield from ((by_key.get(key_of(item, keys)), item, f"{where}[{place_of(item, keys)}]") for item in there)
    elif len(asked) == len(there):  # another length is a difference already
        yield from (
            (one, other, f"{where}[{place}]") for place, (one, other) in enumerate(zip(asked, there, strict=True))
        )


def _is_nothing(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, Mapping | Sequence) and not value)


def _is_filled_in(values: tuple[Any, ...] | None, value: object) -> bool:
    return values is not None and (not values or value in values)
