"""What pydantic finds wrong in a document, told as: where, what was found, what was expected."""

import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_SHOWN: Final = 60
_WORDS: Final = {
    "string_type": "a text, in quotes where YAML reads something else",
    "model_type": "fields and their values",
    "dict_type": "names and their values",
}
"""What pydantic calls by Python's names."""


def mistakes_of(error: ValidationError, document: object, model: type[BaseModel], under: str = "") -> list[str]:
    """Return one sentence for each place that is wrong, in the order in which pydantic found them.

    `document` is what was checked against `model`; `under` is where it stands in a larger one, such as `spec`.
    """
    schema = _schema_of(model)
    told: dict[str, str] = {}
    for mistake in error.errors():
        path = list(_path_in(document, mistake["loc"], missing=mistake["type"] == "missing"))
        told.setdefault(_written(path, under), _sentence(mistake, path, document, schema))
    return [f"{where}: {sentence}" for where, sentence in told.items()]


def _path_in(document: object, location: Sequence[str | int], *, missing: bool) -> Iterator[str | int]:
    """Yield the parts of a location that are really in the document; pydantic also names the types that it tried."""
    for index, part in enumerate(location):
        try:
            document = document[part]  # type: ignore[index]  # whatever has no parts ends the walk
        except (KeyError, IndexError, TypeError):
            if missing and index == len(location) - 1:
                yield part
            return
        yield part


@cache
def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _written(path: Sequence[str | int], under: str) -> str:
    text = under
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the document"


def _sentence(mistake: ErrorDetails, path: Sequence[str | int], document: object, schema: dict[str, Any]) -> str:
    if mistake["type"] == "missing":
        return "found nothing, expected a value"
    if mistake["type"] == "extra_forbidden":
        known = [name for node in _nodes_at(schema, path[:-1]) for name in node.get("properties", {})]
        near = get_close_matches(str(path[-1]), known, n=1)
        expected = f'perhaps "{near[0]}"' if near else f"one of {', '.join(known)}"
        return f"found an unknown field, expected {expected}"
    for part in path:
        document = document[part]  # type: ignore[index]  # the path was found in the document
    found = json.dumps(document, default=str, ensure_ascii=False)
    expected = " or ".join(_expected(schema, path, document)) or _WORDS.get(mistake["type"], _spoken(mistake["msg"]))
    return f"found {found if len(found) <= _SHOWN else found[:_SHOWN] + '…'}, expected {expected}"


def _expected(schema: dict[str, Any], path: Sequence[str | int], found: object) -> Iterator[str]:
    for node in _nodes_at(schema, path):
        if "x-expected" in node:
            near = get_close_matches(str(found).upper(), node.get("enum", ()), n=1)
            yield f'{node["x-expected"]}, perhaps "{near[0]}"' if near else node["x-expected"]
            return
        if "enum" in node:
            yield f"one of {', '.join(map(str, node['enum']))}"


def _nodes_at(schema: dict[str, Any], path: Sequence[str | int]) -> list[dict[str, Any]]:
    """Return the parts of a JSON schema that speak about a place, outermost first."""
    nodes = _alternatives(schema, schema)
    for part in path:
        inner = [_inside(node, part) for node in nodes]
        nodes = [found for node in inner if node is not None for found in _alternatives(node, schema)]
    return nodes


def _inside(node: dict[str, Any], part: str | int) -> dict[str, Any] | None:
    if isinstance(part, int):
        return node.get("items")
    of_maps = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    found = node.get("properties", {}).get(part) or of_maps[0]
    return found if isinstance(found, dict) else None


def _alternatives(node: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in node:
        return [node, *_alternatives(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)]
    return [node, *(found for option in node.get("anyOf", ()) for found in _alternatives(option, schema))]


def _spoken(message: str) -> str:
    return message.removeprefix("Input should be ").removeprefix("Value error, ")
