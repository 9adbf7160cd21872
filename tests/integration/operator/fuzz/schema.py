"""Documents out of a definition's own schema: whatever its types, patterns, bounds and unions allow.

A structural schema of Kubernetes is not JSON Schema: unions are rules in CEL, and an amount may be a whole number or a
text. What the schema cannot say (a rule's grammar, the names of other objects) is given by path, as overrides.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from hypothesis import strategies as st

Schema = dict[str, Any]
Overrides = Mapping[str, st.SearchStrategy[Any]]

DEFINITIONS: Final = Path(__file__).parents[4] / "crds"
INT_OR_STRING: Final = "x-kubernetes-int-or-string"
_SMALLEST, _LARGEST = -(2**31), 2**31
_ITEMS_AT_MOST: Final = 5
_TEXT_AT_MOST: Final = 60
_HAS: Final = re.compile(r"has\(self\.(\w+)\)")
_NAMES_OF_MAPS: Final = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)


def read_schema(plural: str) -> Schema:
    """Return the schema of a definition."""
    definition = yaml.safe_load((DEFINITIONS / f"{plural}.yaml").read_text())
    schema: Schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def documents(node: Schema, overrides: Overrides, path: str = "spec") -> st.SearchStrategy[Any]:
    """Return a strategy for what a part of a schema allows; `path` is where it stands."""
    if path in overrides:
        return overrides[path]
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if node.get(INT_OR_STRING):
        return _whole_numbers(node) | _texts(node)
    return _OF_TYPES[node["type"]](node, overrides, path)


def rules_of(node: Schema) -> Iterator[str]:
    """Yield the messages of the rules in CEL anywhere in a schema."""
    yield from (rule["message"] for rule in node.get("x-kubernetes-validations", ()))
    for inner in (*node.get("properties", {}).values(), node.get("items"), node.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from rules_of(inner)


def union_of(node: Schema) -> frozenset[str]:
    """Return the fields of which a rule of the schema wants just one."""
    return _fields_of_rules(node, ".exists_one(")


def rivals_of(node: Schema) -> frozenset[str]:
    """Return the fields of which a rule of the schema wants no more than one."""
    return _fields_of_rules(node, "<= 1")


def smallest(node: Schema) -> Any:
    """Return a small value of the right type, with what it must have."""
    fields = node.get("properties", {})
    match node.get("type"):
        case "object":
            return {name: smallest(fields[name]) for name in node.get("required", ())}
        case "array":
            return [smallest(node["items"])] * node.get("minItems", 0)
        case "integer":
            return node.get("minimum", 1)
        case "boolean":
            return True
    return node.get("enum", ["a"])[0]


def _objects(node: Schema, overrides: Overrides, path: str) -> st.SearchStrategy[Any]:
    if "additionalProperties" in node:
        values = documents(node["additionalProperties"], overrides, f"{path}.*")
        return st.dictionaries(_NAMES_OF_MAPS, values, max_size=_ITEMS_AT_MOST)
    fields = {name: documents(inner, overrides, f"{path}.{name}") for name, inner in node.get("properties", {}).items()}
    union, rivals = union_of(node), rivals_of(node)
    required = {name: fields[name] for name in node.get("required", ())}
    optional = {name: fields[name] for name in fields if name not in {*required, *union, *rivals}}
    plain = st.fixed_dictionaries(required, optional=optional)
    if union:
        chosen = [st.fixed_dictionaries({name: fields[name]}) for name in sorted(union)]
        return st.builds(_joined, plain, st.one_of(chosen))
    if rivals:
        chosen = [st.fixed_dictionaries({}, optional={name: fields[name]}) for name in sorted(rivals)]
        return st.builds(_joined, plain, st.one_of(chosen))
    return plain


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return one | other


def _fields_of_rules(node: Schema, mark: str) -> frozenset[str]:
    rules = [rule["rule"] for rule in node.get("x-kubernetes-validations", ())]
    return frozenset(name for rule in rules if mark in rule for name in _HAS.findall(rule))


def _lists(node: Schema, overrides: Overrides, path: str) -> st.SearchStrategy[Any]:
    items = documents(node["items"], overrides, f"{path}[]")
    keys = node.get("x-kubernetes-list-map-keys", ())
    unique_by = (lambda item: tuple(item.get(key) for key in keys)) if keys else None
    return st.lists(
        items,
        min_size=node.get("minItems", 0),
        max_size=_ITEMS_AT_MOST,
        unique_by=unique_by,
        unique=node.get("x-kubernetes-list-type") == "set",
    )


def _whole_numbers(node: Schema) -> st.SearchStrategy[Any]:
    return st.integers(node.get("minimum", _SMALLEST), node.get("maximum", _LARGEST))


def _texts(node: Schema) -> st.SearchStrategy[Any]:
    longest = node.get("maxLength", _TEXT_AT_MOST)
    if "pattern" in node:
        inside = node["pattern"].removeprefix("^").removesuffix("$")
        return st.from_regex(inside, fullmatch=True).filter(lambda text: len(text) <= longest)
    return st.text(min_size=node.get("minLength", 0), max_size=min(longest, _TEXT_AT_MOST))


_OF_TYPES: Final[Mapping[str, Callable[[Schema, Overrides, str], st.SearchStrategy[Any]]]] = {
    "object": _objects,
    "array": _lists,
    "integer": lambda node, _overrides, _path: _whole_numbers(node),
    "string": lambda node, _overrides, _path: _texts(node),
    "boolean": lambda _node, _overrides, _path: st.booleans(),
}
