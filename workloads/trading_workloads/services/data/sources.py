"""What the mounted document asks the data service to publish, source by source: one mistake spoils one source."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from trading_operator.api.mistakes import mistakes_of
from trading_operator.api.services import DataService, Source

WHERE = "spec.services.data"


@dataclass(frozen=True, slots=True)
class Asked:
    """Sources that can be tried, and what is wrong with those that cannot, both by name."""

    sources: dict[str, Source]
    problems: dict[str, str]


def read_sources(path: Path) -> Asked:
    """Return what the document in a file asks for.

    Raises OSError when there is no such file, and ValueError when it is not such a document.
    """
    document = orjson.loads(path.read_bytes())
    if not isinstance(document, dict):
        raise ValueError(f"{path}: found {type(document).__name__}, expected an object, {WHERE}")  # noqa: TRY004 - the file's fault
    written = document.get("sources") or []
    _check_all_but_sources(document)
    asked = Asked({}, {})
    for index, source in enumerate(written):
        _read_one(source, f"{WHERE}.sources[{index}]", asked)
    return asked


def _check_all_but_sources(document: dict[str, Any]) -> None:
    try:
        DataService.model_validate({**document, "sources": []})
    except ValidationError as error:
        raise ValueError("; ".join(mistakes_of(error, document, DataService, WHERE))) from error


def _read_one(document: object, where: str, asked: Asked) -> None:
    name = str(document.get("name", where)) if isinstance(document, dict) else where
    try:
        source = Source.model_validate(document)
    except ValidationError as error:
        asked.problems[name] = "; ".join(mistakes_of(error, document, Source, where))
        return
    if problem := _problem_of(source, where):
        asked.problems[name] = problem
    elif name in asked.sources:
        asked.problems[f"{name} (again)"] = f'{where}.name: found a second "{name}", expected each name once'
    else:
        asked.sources[name] = source


def _problem_of(source: Source, where: str) -> str | None:
    kinds = [kind for kind in ("replay", "csv", "http", "ccxt") if getattr(source, kind) is not None]
    if kinds != ["replay"]:
        found = " ".join(kinds) or "none"
        return f"{where}: found {found}, expected replay, the only kind of source that is available yet"
    if source.timeframe != "1d":
        return f'{where}.timeframe: found "{source.timeframe}", expected 1d, the timeframe of bokeh-stocks'
    return None
