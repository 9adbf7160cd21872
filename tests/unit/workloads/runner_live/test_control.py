import json
from pathlib import Path
from typing import Any

import pytest

from trading_workloads.runner.control import Control, ControlError, Document, MountedDocuments, merge, parse_control


def make_document(**fields: Any) -> Document:
    values: dict[str, Any] = {"name": "a", "uid": "u", "generation": 2, "revision": "r", "spec": {}}
    return Document.model_validate(values | fields)


def make_control(*documents: Document, trading: str = "Active") -> Control:
    return Control.model_validate({"trading": trading, "strategies": {each.name: each for each in documents}})


@pytest.mark.parametrize(
    ("mounted", "pushed", "wins"),
    [
        ({"generation": 3}, {}, "mounted"),
        ({}, {"generation": 3}, "pushed"),
        ({"revision": "old"}, {"revision": "new"}, "pushed"),
        ({"uid": "other", "generation": 9}, {}, "pushed"),
    ],
    ids=["newer-file", "newer-push", "same-generation", "other-object"],
)
def test_newer_document_of_one_object_holds(mounted: dict[str, Any], pushed: dict[str, Any], wins: str) -> None:
    candidates = {"mounted": make_document(**mounted), "pushed": make_document(**pushed)}
    merged = merge(make_control(candidates["mounted"]), make_control(candidates["pushed"]))
    assert merged.strategies["a"] == candidates[wins]


def test_push_says_which_strategies_there_are() -> None:
    merged = merge(make_control(make_document(name="gone")), make_control(make_document(), trading="Halted"))
    assert list(merged.strategies) == ["a"]
    assert merged.trading == "Halted"


def test_files_hold_while_nothing_was_pushed() -> None:
    mounted = make_control(make_document(), trading="ReduceOnly")
    assert merge(mounted, None) == mounted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "control: found no JSON"),
        ('{"trading": "On"}', 'trading: found "On"'),
        ('{"strategies": {"A": {}}}', "strategies.A"),
        ('{"strategies": {"a": {"name": "b", "uid": "", "generation": 1, "revision": "", "spec": {}}}}', "a.name"),
    ],
)
def test_wrong_control_is_an_error_that_says_where(text: str, words: str) -> None:
    with pytest.raises(ControlError, match=words):
        parse_control(text.encode())


def test_mounted_files_are_read_again_only_when_they_change(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(make_document().model_dump_json())
    mounted = MountedDocuments(tmp_path)
    assert mounted.refresh()
    assert not mounted.refresh()
    (tmp_path / "b.json").write_text(make_document(name="b", generation=3).model_dump_json())
    (tmp_path / "trading_state.json").write_text(json.dumps({"trading": "Halted"}))
    assert mounted.refresh()
    assert list(mounted.control.strategies) == ["a", "b"]
    assert mounted.control.trading == "Halted"


def test_file_that_is_no_strategy_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(make_document().model_dump_json())
    (tmp_path / "broken.json").write_text('{"name": ')
    (tmp_path / "system.json").write_text('{"sources": []}')
    mounted = MountedDocuments(tmp_path)
    mounted.refresh()
    assert list(mounted.control.strategies) == ["a"]


def test_folder_that_is_not_there_has_no_strategies(tmp_path: Path) -> None:
    mounted = MountedDocuments(tmp_path / "missing")
    mounted.refresh()
    assert mounted.control == Control()
