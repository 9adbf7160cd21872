"""`trading-operator render FILE…`: the children that objects would get, without a cluster."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import yaml

from trading_operator.acceptance import Acceptance
from trading_operator.catalog import Catalog
from trading_operator.childcache import ChildCache
from trading_operator.desired.children import desired_strategy, desired_system
from trading_operator.desired.configuration import strategy_document
from trading_operator.desired.manifest import Manifest
from trading_operator.errors import RenderError, UserError
from trading_operator.gathering import Gatherer, documents_of
from trading_operator.kinds import BY_KIND, STRATEGY, TRADING_SYSTEM
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import Document, ObjectKey, object_key


def render_files(paths: Sequence[Path], catalog: Catalog, out: TextIO, notes: TextIO) -> int:
    """Write the children of every object in the files as YAML; return 2 when one of them cannot run.

    The Secret with the token has no data here: its text is made when it is written.
    """
    store = ObjectStore()
    try:
        for path in paths:
            _read(path, store, notes)
    except RenderError as error:
        notes.write(f"{error}\n")
        return 2
    if not store.all_keys():
        notes.write("found no TradingSystem and no Strategy; nothing to render\n")
    gatherer = Gatherer(store, ChildCache(), Acceptance(catalog), new_token=str)
    faults = 0
    for key in sorted(store.all_keys(), key=lambda key: (key.namespace, key.kind != TRADING_SYSTEM.kind, key.name)):
        try:
            manifests = _children(gatherer, key, catalog)
        except UserError as error:
            notes.write(f"{error}\n")
            faults += 1
        else:
            if manifests:
                yaml.safe_dump_all(manifests, out, sort_keys=False, explicit_start=True)
    return 2 if faults else 0


def _children(gatherer: Gatherer, key: ObjectKey, catalog: Catalog) -> list[Manifest]:
    body = gatherer.store.get(key) or {}
    if key.kind == TRADING_SYSTEM.kind:
        system = gatherer.system(body)
        gatherer.accept_system(system)
        strategies = gatherer.accepted_strategies(system)
        documents = documents_of(strategies)
        shared = [documents[name] for name, (found, _) in strategies.items() if found.spec.placement == "Shared"]
        return desired_system(system, shared, catalog, token="")
    strategy = gatherer.strategy(body)
    found = gatherer.system_of(strategy)
    accepted = gatherer.acceptance.accept_strategy(strategy, found)
    assert found is not None  # noqa: S101 - accept_strategy refuses a strategy without a system
    return desired_strategy(strategy, found, strategy_document(strategy, accepted.revision), catalog)


def _read(path: Path, store: ObjectStore, notes: TextIO) -> None:
    for place, document in enumerate(_documents(path)):
        where = f"{path}, document {place + 1}"
        if not isinstance(document, dict) or not isinstance(document.get("metadata"), dict):
            raise RenderError(f"{where}: found no Kubernetes object, expected apiVersion, kind, metadata and spec")
        kind = BY_KIND.get((str(document.get("apiVersion")), str(document.get("kind"))))
        if kind not in {TRADING_SYSTEM, STRATEGY}:
            notes.write(f"{where}: {document.get('kind')} is ignored\n")
            continue
        if not isinstance(document["metadata"].get("name"), str):
            raise RenderError(f"{where}: metadata.name: found nothing, expected a name")
        metadata = {"namespace": "default", **document["metadata"]}
        body: Document = {**document, "spec": document.get("spec") or {}, "metadata": metadata}
        if store.get(object_key(body)):
            raise RenderError(f"{where}: found {object_key(body)} a second time, expected each object once")
        body["metadata"]["uid"] = ""
        store.put(body)


def _documents(path: Path) -> Iterator[object]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        for document in yaml.safe_load_all(text):
            if isinstance(document, dict) and document.get("kind") == "List":
                yield from map(_as_stored, document.get("items") or [])
            elif document is not None:
                yield _as_stored(document)
    except UnicodeDecodeError as error:
        raise RenderError(
            f"{path}: found bytes that are no UTF-8 text ({error.reason}), expected a YAML file"
        ) from error
    except OSError as error:
        raise RenderError(f"{path}: {error.strerror}; expected a YAML file, or - for the standard input") from error
    except yaml.YAMLError as error:
        raise RenderError(f"{path}: found no YAML: {error}") from error


def _as_stored(value: object) -> object:
    """Return a document with its numbers as the API server hands them on: a whole number has no fraction."""
    match value:
        case dict():
            return {key: _as_stored(inner) for key, inner in value.items()}
        case list():
            return [_as_stored(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
    return value
