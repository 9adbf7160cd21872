import io
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.operator.factories import system_body
from trading_operator.objectfiles import Reading


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "objects.yaml"


def read(path: Path) -> tuple[int, list[str], int]:
    """Return the exit code, the notes without the file's name, and how many objects were taken."""
    notes = io.StringIO()
    reading = Reading(notes)
    reading.read(path)
    told = [line.removeprefix(str(path)).lstrip(",: ") for line in notes.getvalue().splitlines()]
    return reading.code, told, len(reading.store)


def system_yaml(**changes: Any) -> str:
    return yaml.safe_dump({**system_body(), **changes})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "found nothing, expected a TradingSystem or a Strategy"),
        (b"kind: a\nname: caf\xe9\n", "line 2: found bytes that are no UTF-8 text (invalid continuation byte)"),
        (
            b"kind: a\n---\n{",
            "document 2: found no YAML: expected the node content, but found '<stream end>' in line 3",
        ),
        (
            b"kind: a\nmetadata:\n\tname: b\n",
            "found no YAML: found character '\\t' that cannot start any token in line 3",
        ),
        (b"kind: a\0\n", "document 1: found no YAML: unacceptable character #x0000"),
        (b"kind: " + b"[" * 2000, "document 1: found values nested too deep"),
        (b"kind: 2026-01-01\nspec: !!int x\n", "document 1: found no YAML: invalid literal for int()"),
    ],
    ids=["empty", "latin-1", "broken", "tab", "nul", "deep", "no-number"],
)
def test_file_that_is_no_yaml_is_told_with_its_place(written: Path, text: bytes, told: str) -> None:
    written.write_bytes(text)
    code, notes, _ = read(written)
    assert code == 2
    assert told in notes[-1]


def test_folder_is_told(tmp_path: Path) -> None:
    assert read(tmp_path)[:2] == (2, ["Is a directory; expected a YAML file, or - for the standard input"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- 1", "found no Kubernetes object, expected apiVersion, kind, metadata and spec"),
        ("&a [*a]", "found a value that stands within itself"),
        (
            "\n".join(["x0: &x0 [1]", *(f"x{n}: &x{n} [{f'*x{n - 1}, ' * 10}]" for n in range(1, 8))]),
            "found more than 1",
        ),
        (
            system_yaml(apiVersion="v1"),
            'TradingSystem "desk": apiVersion: found v1, expected signaltrading.io/v1alpha1',
        ),
        ("kind: Strategy", "Strategy: apiVersion: found nothing, expected signaltrading.io/v1alpha1"),
        (system_yaml(kind="Backtest"), "kind: found Backtest, expected one of TradingSystem, Strategy"),
        (system_yaml(metadata={"name": 123}), "TradingSystem: metadata.name: found 123, expected a text, in quotes"),
        (system_yaml(metadata={}), "TradingSystem: metadata.name: found nothing, expected a value"),
        (system_yaml(metadata=None), "TradingSystem: metadata: found null, expected fields and their values"),
        (system_yaml(), "found TradingSystem trading/desk a second time, expected each object once"),
    ],
    ids=["list", "loop", "bomb", "version", "no-version", "kind", "number", "no-name", "no-metadata", "repeated"],
)
def test_document_that_cannot_be_used_is_told_and_the_others_are_read(written: Path, text: str, told: str) -> None:
    written.write_text(f"{system_yaml()}---\n{text}\n---\n{system_yaml(metadata={'name': 'next'})}")
    code, notes, taken = read(written)
    assert (code, len(notes), taken) == (1, 1, 2)
    assert notes[0].startswith(f"document 2: {told}")


def test_documents_of_others_are_named_and_ignored(written: Path) -> None:
    written.write_text("kind: Namespace\nmetadata: {name: trading}\n---\nkind: Kustomization\n")
    assert read(written) == (
        0,
        ['document 1: Namespace "trading" is ignored', "document 2: Kustomization is ignored"],
        0,
    )


def test_item_of_a_list_is_told_by_its_number(written: Path) -> None:
    written.write_text(yaml.safe_dump({"kind": "List", "items": [system_body(), 5]}))
    code, notes, taken = read(written)
    assert (code, taken) == (1, 1)
    assert notes == [
        "document 1, item 2: found no Kubernetes object, expected apiVersion, kind, metadata and spec",
    ]


def test_date_without_quotes_stays_a_text(written: Path) -> None:
    written.write_text(system_yaml().replace("name:", "creationTimestamp: 2026-01-01\n  name:", 1))
    assert read(written) == (0, [], 1)
