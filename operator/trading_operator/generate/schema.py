"""From a pydantic model to the structural OpenAPI schema that the API server wants.

The API server knows less than JSON schema: no references, no `null`, no pattern of property names, no unknown keys.
"""

from typing import Any, Final

from trading_operator.api.base import ApiModel

Schema = dict[str, Any]

_KEPT: Final = (
    "type",
    "description",
    "default",
    "enum",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "maxProperties",
    "required",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
)


def structural_schema(model: type[ApiModel], *, without: tuple[str, ...] = ()) -> Schema:
    """Return the schema of a model with every reference resolved, ready for `openAPIV3Schema`."""
    document = model.model_json_schema(by_alias=True, mode="validation")
    definitions: dict[str, Schema] = document.get("$defs", {})
    for name in without:
        document["properties"].pop(name, None)
    return _convert(document, definitions)


def _convert(node: Schema, definitions: dict[str, Schema]) -> Schema:
    node = _flatten(node, definitions)
    result: Schema = {key: node[key] for key in _KEPT if key in node}
    if expected := node.get("x-expected"):
        result["description"] = f"{result.get('description', '')} Written as {expected}.".strip()
    if "properties" in node:
        result["properties"] = {name: _convert(child, definitions) for name, child in node["properties"].items()}
    if "items" in node:
        result["items"] = _convert(node["items"], definitions)
    if values := _value_schema(node):
        result["additionalProperties"] = _convert(values, definitions)
    if "default" in result:
        result["default"] = _smallest(result["default"], result)
        if result["default"] is None:
            del result["default"]
    if result.get("type") == "integer":
        result.setdefault("format", "int64")
    if result.get("x-kubernetes-preserve-unknown-fields"):
        result.pop("additionalProperties", None)
    return result


def _flatten(node: Schema, definitions: dict[str, Schema]) -> Schema:
    """Merge references, and unions of one kind with null or of integers with text, into one plain node."""
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[1]]
        return _flatten({**target, **{key: value for key, value in node.items() if key != "$ref"}}, definitions)
    if "anyOf" in node:
        branches = [_flatten(branch, definitions) for branch in node["anyOf"] if branch.get("type") != "null"]
        merged: Schema = {}
        for branch in branches:
            merged.update(branch)
        merged.update({key: value for key, value in node.items() if key != "anyOf"})
        if merged.get("x-kubernetes-int-or-string"):
            merged.pop("type", None)
            merged.pop("maxLength", None)
            if words := merged.pop("enum", None):
                merged["pattern"] = f"^({'|'.join(words)})$"
        return merged
    if "const" in node:
        return {**node, "enum": [node["const"]]}
    return node


def _value_schema(node: Schema) -> Schema | None:
    """Return the schema of a map's values, or None for an object with fixed fields."""
    if patterns := node.get("patternProperties"):
        (values,) = patterns.values()
        return dict(values)
    additional = node.get("additionalProperties")
    return dict(additional) if isinstance(additional, dict) else None


def _smallest(default: object, schema: Schema) -> object:
    """Return a default without what the defaults of its fields supply anyway."""
    if not isinstance(default, dict):
        return default
    fields: dict[str, Schema] = schema.get("properties", {})
    return {
        name: _smallest(value, fields.get(name, {}))
        for name, value in default.items()
        if value is not None and not _supplied(value, fields.get(name, {}))
    }


def _supplied(value: object, schema: Schema) -> bool:
    return "default" in schema and _smallest(value, schema) == schema["default"]
