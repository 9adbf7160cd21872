"""The reference page of every field, from the same texts as the CRDs."""

from collections.abc import Iterator
from typing import Any, Final

from trading_operator.generate.crds import DEFINITIONS, build_crd

_HEAD = """# Field reference

Generated from the models in `operator/trading_operator/api` by `make generate`; `kubectl explain` shows the same texts.
"""
_MOST_WORDS: Final = 20
"""More of them do not fit into a cell."""


def build_reference() -> str:
    """Return the Markdown page that lists every field of every kind with its type, default and meaning."""
    return "\n".join([_HEAD, *(_section(build_crd(definition)) for definition in DEFINITIONS)])


def _section(crd: dict[str, Any]) -> str:
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    rows = [row for part in ("spec", "status") for row in _rows(schema["properties"][part], part)]
    table = ["| field | type | default | meaning |", "|---|---|---|---|", *rows]
    return "\n".join([f"## {crd['spec']['names']['kind']}", "", schema["description"], "", *table, ""])


def _rows(schema: dict[str, Any], path: str) -> Iterator[str]:
    for name, child in schema.get("properties", {}).items():
        where = f"{path}.{name}"
        yield f"| `{where}` | {_type_name(child)} | {_default(child)} | {_cell(child.get('description', ''))} |"
        if "additionalProperties" in child:
            yield from _rows(child["additionalProperties"], f"{where}.<name>")
        yield from _rows(child.get("items", {}), f"{where}[]")
        yield from _rows(child, where)


def _type_name(schema: dict[str, Any]) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "integer or string"
    words = schema.get("enum", ())
    if 0 < len(words) <= _MOST_WORDS:
        return " \\| ".join(f"`{word}`" for word in words)
    if "additionalProperties" in schema:
        return "map"
    return str(schema.get("type", "any"))


def _default(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    if default in (None, "", [], {}):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
