"""Golden manifests: what the quickstart gets. `UPDATE_GOLDEN=1 pytest` writes them anew, for review like code."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.unit.operator.factories import CATALOG, strategy_body, system_body
from trading_operator.__main__ import main
from trading_operator.render import render_files

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden"


def rendered(*paths: Path) -> tuple[int, str, str]:
    out, notes = io.StringIO(), io.StringIO()
    code = render_files(list(paths), CATALOG, out, notes)
    return code, out.getvalue(), notes.getvalue()


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "objects.yaml"


def test_quickstart_gets_its_golden_manifests() -> None:
    code, text, notes = rendered(ROOT / "examples" / "quickstart.yaml")
    golden = GOLDEN / "quickstart.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
    assert (code, notes) == (0, "")
    assert text == golden.read_text()


def test_other_kinds_are_noted_and_ignored(written: Path) -> None:
    written.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n")
    code, text, notes = rendered(written)
    assert (code, text) == (0, "")
    assert notes.splitlines() == [
        f'{written}, document 1: Namespace "x" is ignored',
        "found no TradingSystem and no Strategy; nothing to render",
    ]


def test_list_is_read_as_its_items(written: Path) -> None:
    written.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": [system_body()]}))
    assert "kind: Deployment" in rendered(written)[1]


def test_whole_number_with_a_fraction_is_read_as_the_api_server_reads_it(written: Path) -> None:
    written.write_text(yaml.safe_dump(system_body(services={"data": {"replicas": 5.0}})))
    code, _, notes = rendered(written)
    assert (code, notes) == (0, "")


def test_object_that_cannot_run_is_told_and_the_others_are_rendered(written: Path) -> None:
    wrong = strategy_body(logic={"rules": {"enterLong": "smaa(close, 3) > 1"}})
    written.write_text(yaml.safe_dump_all([system_body(), wrong]))
    code, text, notes = rendered(written)
    assert code == 1
    assert "kind: Deployment" in text
    assert 'Strategy "alpha": spec.logic.rules.enterLong, column 1: unknown function "smaa"' in notes


def test_second_system_of_a_namespace_is_told(written: Path) -> None:
    written.write_text(yaml.safe_dump_all([system_body("one"), system_body("two")]))
    code, _, notes = rendered(written)
    assert code == 1
    assert 'TradingSystem "two": namespace "trading" already has "one"' in notes


def test_what_cannot_be_read_does_not_keep_the_others_from_being_rendered(written: Path, tmp_path: Path) -> None:
    wrong = {**system_body(), "apiVersion": "signaltrading.io/v1"}
    written.write_text(yaml.safe_dump_all([wrong, system_body()]))
    code, text, notes = rendered(tmp_path / "absent.yaml", written)
    assert code == 2
    assert "kind: Deployment" in text
    missing, version = notes.splitlines()
    assert missing.startswith(f"{tmp_path}/absent.yaml: No such file or directory; expected a YAML file")
    assert version.startswith(f'{written}, document 1: TradingSystem "desk": apiVersion: found signaltrading.io/v1, ')


def test_command_ends_with_two_for_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "/nowhere.yaml"]) == 2
    assert "/nowhere.yaml: No such file or directory" in capsys.readouterr().err


def test_command_ends_quietly_when_nobody_reads_on() -> None:
    command = [sys.executable, "-m", "trading_operator", "render", str(ROOT / "examples" / "quickstart.yaml")]
    search = os.pathsep.join(map(str, (ROOT / "operator", ROOT / "workloads")))
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": search}, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_secret_is_rendered_without_a_token() -> None:
    documents = list(yaml.safe_load_all(rendered(ROOT / "examples" / "quickstart.yaml")[1]))
    (secret,) = [document for document in documents if document["kind"] == "Secret"]
    assert "data" not in secret
