"""Mistakes in documents that pydantic checked, said our way: where, what was found, what was expected."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def describe_mistakes(error: ValidationError, path: str = "") -> str:
    """Return every mistake of a document in one line, each with its place under `path`."""
    return "; ".join(_describe(mistake, path) for mistake in error.errors())


def _describe(mistake: ErrorDetails, path: str) -> str:
    where = path
    for part in mistake["loc"]:
        where += f"[{part}]" if isinstance(part, int) else f".{part}" if where else str(part)
    if mistake["type"] == "missing":
        return f"{where}: found nothing, expected a value"
    found = repr(mistake["input"]).replace("'", '"')
    return f"{where}: found {found[:100]}, {mistake['msg'][:1].lower()}{mistake['msg'][1:]}"
