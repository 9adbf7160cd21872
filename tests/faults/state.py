"""The state of a namespace, so written that two runs which came to the same end have the same state.

Left out is what differs between any two runs: uids, versions, moments, addresses, the namespace's name, random tokens.
Kept are names, labels, owners, specs, generations and who owns which field, so that a second write of anything shows.
"""

import asyncio
import difflib
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from tests.faults.apiserver import ApiServer
from trading_operator.kinds import CHILDREN, SECRET, STRATEGY, TRADING_SYSTEM
from trading_operator.labels import MANAGER

Document = dict[str, Any]

OURS: Final = (TRADING_SYSTEM, STRATEGY)
_OF_KUBERNETES: Final = frozenset({("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")})
_REVISION: Final = "deployment.kubernetes.io/revision"
"""Counts the templates that the Deployment controller saw; it may well skip one that did not last."""
_OF_THE_RUN: Final = ("uid", "resourceVersion", "creationTimestamp")
# Hashes of what a child asks for, its namespace and its owner's uid included.
_HASH: Final = re.compile(r'("trading\.signaltrading\.io/[a-z-]+": ")[0-9a-f]{16}"')
TIMED_OUT: Final = "has timed out progressing"
"""What Kubernetes says of a Deployment without pods some minutes later: when that is, is up to the machine's speed."""
_TIMED_OUT: Final = re.compile(r': ReplicaSet \\"[^"\\]*\\" ' + TIMED_OUT + r"\.")
_ADDRESS: Final = re.compile(r'"\d+\.\d+\.\d+\.\d+"')
_MOMENT: Final = re.compile(r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"')


async def state_of(api_server: ApiServer, namespace: str) -> str:
    """Return the state as text, one value a line, for comparing and for reading differences."""
    listings = await asyncio.gather(*(api_server.list_all(kind, namespace) for kind in (*OURS, *CHILDREN)))
    found = [document for listing in listings for document in listing]
    kept = [document for document in found if (document["kind"], document["metadata"]["name"]) not in _OF_KUBERNETES]
    documents = sorted((_kept_of(document) for document in kept), key=_title)
    text = json.dumps(documents, indent=1, sort_keys=True)
    for document in kept:
        text = text.replace(document["metadata"]["uid"], f"(uid of {_title(document)})")
    text = _HASH.sub(r'\1(hash)"', text)
    text = _TIMED_OUT.sub("", text)
    text = _ADDRESS.sub('"(address)"', text)
    return _MOMENT.sub('"(moment)"', text).replace(namespace, "(namespace)")


def difference(expected: str, found: str) -> str:
    """Return what is not as expected, as a diff with the titles of the objects around it."""
    lines = difflib.unified_diff(expected.splitlines(), found.splitlines(), "fault-free", "found", n=12, lineterm="")
    return "\n".join(list(lines)[:200])


def _title(document: Document) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


def _kept_of(document: Document) -> Document:
    metadata = {name: value for name, value in document["metadata"].items() if name not in _OF_THE_RUN}
    metadata["managedFields"] = list(_fields_of_operator(metadata.get("managedFields", [])))
    metadata.get("annotations", {}).pop(_REVISION, None)
    kept = {**document, "metadata": metadata}
    if document["kind"] not in {kind.kind for kind in OURS}:
        kept.pop("status", None)  # the controllers' work
    if document["kind"] == SECRET.kind:
        kept["data"] = {key: "(random)" if value else "(empty)" for key, value in document.get("data", {}).items()}
    return kept


def _fields_of_operator(entries: list[Document]) -> Iterator[Document]:
    for entry in entries:
        if entry["manager"] == MANAGER:
            yield {name: value for name, value in entry.items() if name != "time"}
