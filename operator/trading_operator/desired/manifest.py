"""From a typed model to the document that is applied."""

import hashlib
from collections.abc import Iterable
from typing import Any, Final

import orjson
from pydantic import BaseModel

from trading_operator.labels import APPLIED

Manifest = dict[str, Any]
_HASH_LENGTH: Final = 16


def canonical_json(document: object) -> str:
    """Return a document as JSON that is the same text for the same content."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()


def checksum(document: object) -> str:
    """Return a short hash of a document's content."""
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()[:_HASH_LENGTH]


def manifest_of(model: BaseModel) -> Manifest:
    """Return the document of a child, with the hash of what it asks for in an annotation.

    A Secret's data stays out of the hash: it is written once and kept.
    """
    dumped: Manifest = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    document = {name: dumped[name] for name in ("apiVersion", "kind", "metadata")} | dumped
    content = {key: value for key, value in document.items() if document["kind"] != "Secret" or key != "data"}
    document["metadata"].setdefault("annotations", {})[APPLIED] = checksum(content)
    return document


def manifests_of(models: Iterable[BaseModel | None]) -> list[Manifest]:
    """Return the documents of the children that should exist, in the order given."""
    return [manifest_of(model) for model in models if model is not None]
