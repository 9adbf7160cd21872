"""YAML files of objects, as people write them: what is no object of ours is named, and the others are read."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

import yaml
from pydantic import ValidationError

from trading_operator.api.base import API_VERSION, GROUP
from trading_operator.api.metadata import Metadata
from trading_operator.api.mistakes import mistakes_of
from trading_operator.errors import RenderError
from trading_operator.kinds import OBJECTS
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import Document, object_key

FINDING: Final = 1
UNUSABLE_FILE: Final = 2
_MOST_VALUES: Final = 100_000
"""No API server takes an object of so many; a few lines of YAML whose aliases name aliases stand for billions."""


@dataclass(slots=True)
class Reading:
    """What was read so far, and the exit code that it leads to."""

    notes: TextIO
    store: ObjectStore = field(default_factory=ObjectStore)
    code: int = 0

    def tell(self, note: str, code: int = 0) -> None:
        """Write a note for people; with a code, of something that is wrong."""
        self.notes.write(f"{note}\n")
        self.code = max(self.code, code)

    def read(self, path: Path) -> None:
        """Take what a file has, up to where it stops being YAML."""
        try:
            for where, document in _documents(path):
                self._take(where, document)
        except RenderError as error:
            self.tell(str(error), UNUSABLE_FILE)

    def _take(self, where: str, document: object) -> None:
        try:
            found = _object_of(document)
            if _is_ours(found):
                self._put(_body_of(found))
            else:
                self.tell(f"{where}: {_named(found)} is ignored")
        except RenderError as error:
            self.tell(f"{where}: {error}", FINDING)

    def _put(self, body: Document) -> None:
        if self.store.get(object_key(body)):
            raise RenderError(f"found {object_key(body)} a second time, expected each object once")
        self.store.put(body)


def _object_of(document: object) -> Document:
    try:
        found = _as_stored(document, iter(range(_MOST_VALUES)))
    except RecursionError as error:
        raise RenderError("found a value that stands within itself, expected a Kubernetes object") from error
    if not isinstance(found, dict) or not isinstance(found.get("kind"), str):
        raise RenderError("found no Kubernetes object, expected apiVersion, kind, metadata and spec")
    return found


def _is_ours(document: Document) -> bool:
    """Tell whether an object is of our kinds. Raises RenderError for one that is only almost."""
    version, kind = document.get("apiVersion", "nothing"), document["kind"]
    kinds = [known.kind for known in OBJECTS]
    if kind in kinds and version != API_VERSION:
        raise RenderError(f"{_named(document)}: apiVersion: found {version}, expected {API_VERSION}")
    if kind not in kinds and str(version).startswith(f"{GROUP}/"):
        raise RenderError(f"kind: found {kind}, expected one of {', '.join(kinds)}")
    return kind in kinds


def _named(document: Document) -> str:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return f'{document["kind"]} "{name}"' if name else document["kind"]


def _body_of(document: Document) -> Document:
    """Return an object as the API server would have it. Raises RenderError where it could not even be named."""
    metadata = document.get("metadata")
    try:
        Metadata.model_validate(metadata)
    except ValidationError as error:
        told = "; ".join(mistakes_of(error, metadata, Metadata, "metadata"))
        raise RenderError(f"{document['kind']}: {told}") from error
    metadata = {"namespace": "default", **document["metadata"], "uid": ""}
    return {**document, "spec": document.get("spec") or {}, "metadata": metadata}


class _Loader(yaml.SafeLoader):
    """Leaves dates as the text that they are to Kubernetes."""

    yaml_constructors = {  # noqa: RUF012 - PyYAML's own attribute
        **yaml.SafeLoader.yaml_constructors,
        "tag:yaml.org,2002:timestamp": yaml.SafeLoader.construct_yaml_str,
    }


def _documents(path: Path) -> Iterator[tuple[str, object]]:
    """Yield each document of a file, and each item of a list, with the place where it stands."""
    text = _text_of(path)
    place = 0
    try:
        for place, document in enumerate(yaml.load_all(text, _Loader), 1):
            where = f"{path}, document {place}"
            match document:
                case {"kind": "List", "items": list(items)}:
                    yield from ((f"{where}, item {number}", item) for number, item in enumerate(items, 1))
                case _ if document is not None:
                    yield where, document
    except RecursionError as error:
        raise RenderError(f"{path}, document {place + 1}: found values nested too deep, expected fewer") from error
    except (yaml.YAMLError, ValueError) as error:
        raise RenderError(f"{path}, document {place + 1}: found no YAML: {_one_line(error)}") from error
    if not place:
        raise RenderError(f"{path}: found nothing, expected a TradingSystem or a Strategy")


def _text_of(path: Path) -> str:
    written = b""
    try:
        written = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return written.decode()
    except OSError as error:
        raise RenderError(f"{path}: {error.strerror}; expected a YAML file, or - for the standard input") from error
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        found = f"found bytes that are no UTF-8 text ({error.reason})"
        raise RenderError(f"{path}, line {line}: {found}, expected a YAML file") from error


def _one_line(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"{error.problem} in line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}"
    return " ".join(str(error).split())


def _as_stored(value: object, left: Iterator[int]) -> object:
    """Return a document with its numbers as the API server hands them on: a whole number has no fraction."""
    if next(left, None) is None:
        raise RenderError(f"found more than {_MOST_VALUES:,} values, expected a Kubernetes object")
    match value:
        case dict():
            return {key: _as_stored(inner, left) for key, inner in value.items()}
        case list():
            return [_as_stored(inner, left) for inner in value]
        case float() if value.is_integer():
            return int(value)
    return value
