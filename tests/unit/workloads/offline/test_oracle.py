"""`trading-workloads run` against the oracle: unseen rules over unseen bars."""

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle import OracleRules, oracle_signals
from tests.unit.workloads.factories import make_document, random_bars
from tests.unit.workloads.templates import TEMPLATES, Settings
from trading_workloads.__main__ import main

SYMBOLS = ("IBM", "AAPL", "X", "BRK.B", "EUR/USD")


def run_on_files(folder: Path, document: dict[str, Any], bars: pd.DataFrame) -> pd.DataFrame:
    (folder / "strategy.yaml").write_text(yaml.safe_dump(document))
    bars.to_csv(folder / "bars.csv", index=False)
    files = [str(folder / name) for name in ("strategy.yaml", "bars.csv", "signals.csv")]
    assert main(["run", files[0], "--bars", files[1], "--output", files[2]]) == 0
    return pd.read_csv(files[2], parse_dates=["time"])


def assert_same_signals(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    keys = ["time", "symbol", "action"]
    assert found[keys].astype(str).to_numpy().tolist() == expected[keys].astype(str).to_numpy().tolist()
    assert found.price.tolist() == expected.price.tolist()
    pd.testing.assert_series_equal(
        found.strength.astype(float), expected.strength.astype(float), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_signals_equal_those_of_the_oracle(name: str, data: st.DataObject) -> None:
    draw = data.draw
    symbols = tuple(draw(st.permutations(SYMBOLS)))[: draw(st.integers(1, len(SYMBOLS)))]
    style = draw(st.sampled_from(["walk", "ties", "flat"]))
    bars = random_bars(
        draw(st.integers(0, 2**32)), SYMBOLS, draw(st.integers(1, 150)), style, draw(st.sampled_from([0, 0.15]))
    )
    n, m = draw(st.integers(2, 12)), draw(st.integers(2, 15))
    k = draw(st.sampled_from(["0.5", "1.25", "3"]))
    min_strength, cooldown = draw(st.sampled_from(["0", "0.3", "50%"])), draw(st.integers(0, 4))
    tolerance = draw(st.sampled_from(["0.05", "1e-2"]))
    template = TEMPLATES[name](Settings(n, m, float(k), float(tolerance)))
    document = make_document(
        symbols=symbols,
        parameters={"n": {"value": n}, "m": {"value": m}, "k": {"value": k}},
        logic=template.logic,
        warmup={"tolerance": tolerance},
        signals={"minStrength": min_strength, "cooldownBars": cooldown},
    )
    lowest = {"0": 0.0, "0.3": 0.3, "50%": 0.5}[min_strength]
    expected = oracle_signals(bars, symbols, template.rules, lowest, cooldown)
    shuffled = bars.sample(frac=1, random_state=draw(st.integers(0, 9)))
    with tempfile.TemporaryDirectory() as folder:
        assert_same_signals(run_on_files(Path(folder), document, shuffled), expected)


@pytest.mark.parametrize("bars_before", [0, 1, 30])
def test_number_of_warmup_bars_overrides_what_is_derived(tmp_path: Path, bars_before: int) -> None:
    bars = random_bars(7, ("A", "B"), 80)
    template = TEMPLATES["averages_cross"](Settings(3, 8, 1.0, 0.01))
    given_rules = template.rules
    rules = OracleRules(bars_before + 1, enter_long=given_rules.enter_long, exit_long=given_rules.exit_long)
    document = make_document(
        symbols=("A", "B"),
        parameters={"n": {"value": 3}, "m": {"value": 8}},
        logic=template.logic,
        warmup={"bars": bars_before},
    )
    assert_same_signals(run_on_files(tmp_path, document, bars), oracle_signals(bars, ("A", "B"), rules))
