"""run, check and explain as people call them: exit codes, messages, tables."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from tests.oracle import (
    OracleRules,
    atr,
    compare,
    crosses_above,
    crosses_below,
    moving_average_cross,
    oracle_signals,
    rsi,
    sma,
    wilder_bars,
)
from tests.unit.workloads.factories import make_document, random_bars
from trading_workloads.__main__ import main

SYSTEM = {"apiVersion": "signaltrading.io/v1alpha1", "kind": "TradingSystem", "metadata": {"name": "s"}, "spec": {}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    random_bars(1, ("AAPL", "IBM"), 120, gaps=0).to_csv("bars.csv", index=False)
    return tmp_path


def write(*documents: dict[str, Any]) -> None:
    Path("strategy.yaml").write_text(yaml.safe_dump_all(documents))


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command tells about input that it cannot use."""
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    assert told.out == ""
    return told.err.strip()


RUN = ("run", "strategy.yaml", "--bars", "bars.csv")


@pytest.mark.usefixtures("folder")
def test_run_writes_signals_to_standard_output_or_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    write(SYSTEM, make_document())
    assert main(RUN) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("time,symbol,action,strength,price\n2020-01-0")
    assert main([*RUN, "--output", "signals.csv"]) == 0
    assert Path("signals.csv").read_text() == printed


@pytest.mark.usefixtures("folder")
def test_strategy_is_chosen_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document("one"), SYSTEM, make_document("two", logic={"rules": {"enterLong": "close < 0"}}))
    assert refusal(capsys, *RUN) == "strategy.yaml: found the strategies one, two; choose one with --strategy NAME"
    assert refusal(capsys, *RUN, "--strategy", "x") == 'strategy.yaml: found no strategy "x", expected one of one, two'
    assert main([*RUN, "--strategy", "two"]) == 0
    assert capsys.readouterr().out == "time,symbol,action,strength,price\n"


@pytest.mark.usefixtures("folder")
def test_wrong_rule_is_told_with_file_strategy_field_and_column(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document(logic={"rules": {"enterLong": "crosses_above(smaa(close, 20), close)"}}))
    assert refusal(capsys, *RUN) == (
        'strategy.yaml: Strategy "alpha": spec.logic.rules.enterLong, column 15: '
        'unknown function "smaa"; did you mean "sma"?'
    )


WRONG_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": (
        {"universe": {"symbls": [], "symbols": ["AAPL"]}},
        'spec.universe.symbls: found an unknown field, expected perhaps "symbols"',
    ),
    "far from any": ({"zzz": 1}, "spec.zzz: found an unknown field, expected one of systemRef, state, mode"),
    "missing": ({"data": {}}, "spec.data.source: found nothing, expected a value"),
    "one of": ({"data": {"source": "s", "timeframe": "2d"}}, 'spec.data.timeframe: found "2d", expected one of 1m, 5m'),
    "in a list": ({"universe": {"symbols": ["A", 5]}}, "spec.universe.symbols[1]: found 5, expected a symbol of"),
    "in a map": (
        {"parameters": {"n": {"value": 0.5}}},
        'spec.parameters.n.value: found 0.5, expected a whole number or a decimal in quotes ("0.5")',
    ),
    "no map": ({"logic": 5}, "spec.logic: found 5, expected fields and their values"),
    "too small": (
        {"signals": {"cooldownBars": -1}},
        "spec.signals.cooldownBars: found -1, expected greater than or equal to 0",
    ),
    "number for text": (
        {"signals": {"minStrength": 0.1}},
        "spec.signals.minStrength: found 0.1, expected a decimal in quotes",
    ),
    "either": ({"warmup": {"bars": "Some"}}, 'spec.warmup.bars: found "Some", expected Auto or a number of bars'),
}  # fmt: skip


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", WRONG_FIELDS)
def test_wrong_field_is_told(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    fields, expected = WRONG_FIELDS[name]
    write(make_document(**fields))
    told = refusal(capsys, *RUN)
    assert told.startswith(f'strategy.yaml: Strategy "alpha": {expected}')
    assert "\n" not in told


UNUSABLE = {
    "spec: [": "strategy.yaml: is not YAML: line 2, column 1: expected the node content",
    "- 1\n---\nkind: Pod": "strategy.yaml: found no document of kind Strategy, expected at least one",
    "": "strategy.yaml: found no document of kind Strategy, expected at least one",
    "kind: Strategy": 'strategy.yaml: Strategy "": metadata: found nothing, expected a value\n'
    'strategy.yaml: Strategy "": spec: found nothing, expected a value',
    "kind: Strategy\nmetadata: 5": 'strategy.yaml: Strategy "": metadata: found 5, expected fields and their values',
    "a: \x00": "strategy.yaml: is not YAML",
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("text", UNUSABLE)
def test_unusable_file_is_told(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("strategy.yaml").write_text(text + "\n")
    assert refusal(capsys, *RUN).startswith(UNUSABLE[text])


@pytest.mark.usefixtures("folder")
def test_unusable_paths_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, *RUN) == "strategy.yaml: cannot be read: No such file or directory"
    write(make_document())
    assert refusal(capsys, *RUN[:3], "none.csv") == "none.csv: cannot be read: No such file or directory"
    assert refusal(capsys, *RUN[:3], ".") == ".: cannot be read: Is a directory"
    assert refusal(capsys, *RUN, "--output", "no/where") == "no/where: cannot be written: No such file or directory"


@pytest.mark.usefixtures("folder")
def test_symbol_without_any_bar_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document(symbols=("AAPL", "NOPE", "FB")))
    assert refusal(capsys, *RUN) == "bars.csv: found no bar of NOPE, FB; the file has AAPL, IBM"


@pytest.mark.usefixtures("folder")
def test_field_that_files_do_not_give_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document(data={"source": "s", "gaps": "Halt", "adjustment": "PointInTime"}))
    assert main(RUN) == 0
    assert capsys.readouterr().err.count("note: spec.data.") == 2


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, str]]:
    """Return the exit code and, for each check, its result and detail."""
    code = main(["check", "strategy.yaml", *arguments])
    rows = [line.split("│") for line in capsys.readouterr().out.splitlines() if line.startswith("│")]
    return code, {row[1].strip(): f"{row[2].strip()}: {row[3].strip()}" for row in rows}


CROSS = {"builtin": {"movingAverageCross": {"fast": 5, "slow": 20}}}


@pytest.mark.usefixtures("folder")
def test_check_of_a_sound_strategy_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document(logic=CROSS))
    code, results = check(capsys, "--bars", "bars.csv")
    assert code == 0
    assert {name: result.split(":")[0] for name, result in results.items()} == dict.fromkeys(
        ["schema", "rules", "warm-up", "truncation", "recursion"], "ok"
    )


@pytest.mark.usefixtures("folder")
def test_check_without_bars_says_what_it_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document(logic=CROSS))
    code, results = check(capsys)
    assert (code, results["truncation"], results["recursion"]) == (0, "skipped: needs --bars", "skipped: needs --bars")


@pytest.mark.usefixtures("folder")
def test_check_lists_wrong_rules_and_wrong_fields(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document(logic={"rules": {"enterLong": "clsoe > 1"}}))
    assert check(capsys) == (1, {
        "schema": "ok: every field fits",
        "rules": 'finding: spec.logic.rules.enterLong, column 1: unknown name "clsoe"; did you mean "close"?',
    })  # fmt: skip
    write(make_document(state="Runing"))
    code, results = check(capsys)
    assert (code, results["schema"]) == (
        1,
        'finding: spec.state: found "Runing", expected one of Running, Paused, Halted',
    )


@pytest.mark.usefixtures("folder")
def test_check_finds_symbols_that_never_get_warm(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document(logic={"rules": {"enterLong": "sma(close, 121) > close"}}))
    code, results = check(capsys, "--bars", "bars.csv")
    assert (code, results["warm-up"]) == (1, "finding: evaluated from bar 121 of each symbol; AAPL has 120")


@pytest.mark.usefixtures("folder")
def test_check_finds_rules_that_depend_on_where_history_begins(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document(warmup={"bars": 1}, logic={"rules": {"enterLong": "close > ema(close, 30)"}}))
    code, results = check(capsys, "--bars", "bars.csv")
    assert code == 1
    assert results["recursion"].startswith("finding:")
    assert results["warm-up"].startswith("note: evaluated from bar 2, before bar")


@pytest.mark.usefixtures("folder")
def test_check_looks_at_every_strategy_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document("one"), make_document("two", logic={"rules": {"enterLong": "clsoe > 1"}}))
    assert main(["check", "strategy.yaml"]) == 1
    assert capsys.readouterr().out.count("schema") == 2
    assert main(["check", "strategy.yaml", "--strategy", "one"]) == 0


@pytest.mark.usefixtures("folder")
def test_explain_shows_rules_warmup_functions_and_revision(capsys: pytest.CaptureFixture[str]) -> None:
    write(make_document(logic=CROSS))
    assert main(["explain", "strategy.yaml", "--image", "workload:1"]) == 0
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert 'Strategy "alpha": MovingAverageCross, revision ' in told
    assert "let.f sma(close, 5)" in told
    assert "enterLong crosses_above(f, s) 21" in told
    assert "sma(x, n) simple moving average" in told


def test_commands_load_no_more_than_they_run() -> None:
    code = (
        "import sys; from trading_workloads.__main__ import main; main(['explain', 'examples/quickstart.yaml']); "
        "print({'numpy', 'pandas', 'fastapi', 'redis', 'pyarrow'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd=Path(__file__).parents[4])
    assert (done.returncode, done.stderr) == (0, b"set()\n")


def test_reader_that_has_seen_enough_is_no_error(folder: Path) -> None:
    write(make_document())
    command = f"{sys.executable} -m trading_workloads {' '.join(RUN)} | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, cwd=folder)
    assert (done.returncode, done.stderr) == (0, b"")


SYMBOLS = ("AAPL", "IBM", "MSFT", "GOOG", "FB")


@pytest.fixture(scope="module")
def stocks() -> pd.DataFrame:
    """Daily bars as traded, 2000-03-01 to 2013-03-01; GOOG and FB come late."""
    from bokeh_sampledata import stocks  # noqa: PLC0415 - reads a file of 10 MB on import

    columns = ("date", "open", "high", "low", "close", "volume")
    frames = [
        pd.DataFrame({name: getattr(stocks, symbol)[name] for name in columns}).assign(symbol=symbol)
        for symbol in SYMBOLS
    ]
    return pd.concat(frames, ignore_index=True).rename(columns={"date": "time"})


def cross_with_index() -> OracleRules:
    return OracleRules(
        max(51, wilder_bars(14, 1e-6)),
        enter_long=lambda b: crosses_above(sma(b.close, 20), sma(b.close, 50)) & compare(rsi(b.close, 14), "<", 70),
        exit_long=lambda b: crosses_below(sma(b.close, 20), sma(b.close, 50)),
        strength=lambda b: ((sma(b.close, 20) - sma(b.close, 50)) / atr(b, 14)).clip(-1, 1),
    )


REAL = {
    "builtin": ({"builtin": {"movingAverageCross": {}}}, {}, moving_average_cross(20, 50), 0.0, 0),
    "rules": (
        {
            "rules": {
                "let": {"f": "sma(close, fast)", "s": "sma(close, slow)"},
                "enterLong": "crosses_above(f, s) and rsi(close, 14) < 70",
                "exitLong": "crosses_below(f, s)",
                "strength": "clip((f - s) / atr(14), -1, 1)",
            }
        },
        {"minStrength": "0.1", "cooldownBars": 2},
        cross_with_index(),
        0.1,
        2,
    ),
}


@pytest.mark.parametrize("name", REAL)
def test_signals_on_real_bars_equal_those_of_the_oracle(name: str, stocks: pd.DataFrame, tmp_path: Path) -> None:
    logic, signals, rules, min_strength, cooldown = REAL[name]
    parameters = {"fast": {"value": 20, "min": 5, "max": 60}, "slow": {"value": 50, "min": 20, "max": 200}}
    document = make_document(symbols=SYMBOLS, logic=logic, parameters=parameters, signals=signals)
    (tmp_path / "strategy.yaml").write_text(yaml.safe_dump(document))
    stocks.to_csv(tmp_path / "bars.csv", index=False)
    output = tmp_path / "signals.csv"
    files = [str(tmp_path / file) for file in ("strategy.yaml", "bars.csv")]
    assert main(["run", files[0], "--bars", files[1], "--output", str(output)]) == 0
    expected = oracle_signals(stocks, SYMBOLS, rules, min_strength, cooldown)
    assert len(expected) > 50
    pd.testing.assert_frame_equal(pd.read_csv(output), expected, rtol=1e-12, atol=1e-12)
