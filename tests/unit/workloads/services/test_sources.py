import json
from pathlib import Path
from typing import Any

import pytest

from trading_workloads.services.data.sources import Asked, read_sources

GOOD = {"name": "sample", "replay": {"barsPerSecond": "50"}}


def read(tmp_path: Path, *sources: Any, **fields: Any) -> Asked:
    path = tmp_path / "system.json"
    path.write_text(json.dumps({"sources": list(sources), **fields}))
    return read_sources(path)


def test_empty_document_asks_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "system.json").write_text("{}")
    assert read_sources(tmp_path / "system.json") == Asked({}, {})


def test_source_is_read_with_its_defaults(tmp_path: Path) -> None:
    source = read(tmp_path, GOOD, logLevel="Debug", replicas=1).sources["sample"]
    assert (source.timeframe, source.calendar) == ("1d", "XNYS")


@pytest.mark.parametrize(
    ("source", "name", "words"),
    [
        ({"name": "live", "ccxt": {"exchange": "kraken", "symbols": ["A/B"]}}, "live", "found ccxt, expected replay"),
        ({"name": "none"}, "none", "found none, expected replay"),
        ({"name": "still", "replay": {"barsPerSecond": "0"}}, "still", 'found "0", expected a number greater than 0'),
        ({"name": "odd", "replay": {"barsPerSecond": "fast"}}, "odd", 'replay.barsPerSecond'),
        ({"name": "hourly", "timeframe": "1h", "replay": {}}, "hourly", 'timeframe: found "1h", expected 1d'),
        ({"name": "UPPER", "replay": {}}, "UPPER", 'sources[1].name: found "UPPER"'),
        ("text", "spec.services.data.sources[1]", 'found "text"'),
    ],
    ids=["kind", "no-kind", "rate", "no-number", "timeframe", "name", "no-object"],
)  # fmt: skip
def test_mistake_spoils_one_source_and_no_other(tmp_path: Path, source: Any, name: str, words: str) -> None:
    asked = read(tmp_path, GOOD, source)
    assert list(asked.sources) == ["sample"]
    assert list(asked.problems) == [name]
    assert "spec.services.data.sources[1]" in asked.problems[name]
    assert words in asked.problems[name]


def test_name_that_comes_twice_is_taken_once(tmp_path: Path) -> None:
    asked = read(tmp_path, GOOD, GOOD)
    assert list(asked.sources) == ["sample"]
    assert 'found a second "sample"' in asked.problems["sample (again)"]


@pytest.mark.parametrize("text", ["[]", "{", '{"unknown": 1}'])
def test_document_that_is_none_raises(tmp_path: Path, text: str) -> None:
    (tmp_path / "system.json").write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        read_sources(tmp_path / "system.json")
