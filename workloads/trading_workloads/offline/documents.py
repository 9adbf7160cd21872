"""Strategy documents in YAML files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from trading_operator.api.mistakes import mistakes_of
from trading_operator.api.strategy import Strategy
from trading_workloads.offline.errors import DocumentError, InputError
from trading_workloads.rules import ResolvedStrategy, check_strategy, resolve_strategy


@dataclass(frozen=True, slots=True)
class StrategyDocument:
    """One Strategy of a file, as it is written there."""

    path: Path
    name: str
    document: dict[str, Any]

    @property
    def owner(self) -> str:
        """How messages begin."""
        return f'{self.path}: Strategy "{self.name}"'

    def validate(self) -> Strategy:
        """Return the strategy. Raises `DocumentError` where it does not fit the schema."""
        try:
            return Strategy.model_validate(self.document)
        except ValidationError as error:
            raise DocumentError(self.owner, mistakes_of(error, self.document, Strategy)) from error

    def resolve(self) -> tuple[Strategy, ResolvedStrategy]:
        """Return the strategy, ready to run. Raises `DocumentError` with everything that is wrong with it."""
        strategy = self.validate()
        if errors := check_strategy(strategy.spec):
            raise DocumentError(self.owner, [error.message for error in errors])
        return strategy, resolve_strategy(strategy.spec)


def read_strategies(path: Path) -> list[StrategyDocument]:
    """Return the Strategy documents of a YAML file; documents of other kinds are passed over.

    Raises `InputError` for a file that cannot be read or has none.
    """
    found = [StrategyDocument(path, _name_of(document), document) for document in _documents_of(path)]
    if not found:
        raise InputError(f"{path}: found no document of kind Strategy, expected at least one")
    names = [document.name for document in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f'{path}: found several strategies with the name "{name}", expected each name once')
    return found


def pick_strategy(documents: list[StrategyDocument], name: str | None) -> StrategyDocument:
    """Return the one strategy that is meant. Raises `InputError` where that is not clear."""
    path = documents[0].path
    known = ", ".join(document.name for document in documents)
    if name is None:
        if len(documents) > 1:
            raise InputError(f"{path}: found the strategies {known}; choose one with --strategy NAME")
        return documents[0]
    for document in documents:
        if document.name == name:
            return document
    raise InputError(f'{path}: found no strategy "{name}", expected one of {known}')


def _documents_of(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for document in yaml.safe_load_all(file):
                if isinstance(document, dict) and document.get("kind") == "Strategy":
                    yield document
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise InputError(f"{path}: is not YAML: {_one_line(error)}") from error


def _name_of(document: dict[str, Any]) -> str:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def _one_line(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return " ".join(str(error).split())
