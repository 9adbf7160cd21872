"""Definitions loosened for a while: objects of before a definition was tightened reach the operator as they are."""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from devcluster.kubectl import Kubectl

Schema = dict[str, Any]

_PATH: Final = "/spec/versions/0/schema/openAPIV3Schema"
_ANYTHING: Final[Schema] = {"x-kubernetes-preserve-unknown-fields": True}


@contextmanager
def loosened(kubectl: Kubectl, *plurals: str) -> Iterator[None]:
    """Let definitions allow any spec at all, or none; afterwards they are as they were.

    The API server takes a moment to serve either; whoever needs to know tries it.
    """
    strict = {plural: _schema_of(kubectl, plural) for plural in plurals}
    try:
        for plural, schema in strict.items():
            _replace(kubectl, plural, _loose(schema))
        yield
    finally:
        for plural, schema in strict.items():
            _replace(kubectl, plural, schema)


def _loose(schema: Schema) -> Schema:
    loose = copy.deepcopy(schema)
    loose["properties"]["spec"] = dict(_ANYTHING)
    for rule in ("required", "x-kubernetes-validations"):
        loose.pop(rule, None)
    return loose


def _schema_of(kubectl: Kubectl, plural: str) -> Schema:
    schema: Schema = kubectl.get("crd", _definition(plural))["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def _replace(kubectl: Kubectl, plural: str, schema: Schema) -> None:
    patch = json.dumps([{"op": "replace", "path": _PATH, "value": schema}])
    kubectl("patch", "crd", _definition(plural), "--type=json", f"--patch={patch}")


def _definition(plural: str) -> str:
    return f"{plural}.signaltrading.io"
