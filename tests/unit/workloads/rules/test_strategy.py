"""Whole strategies: definitions, parameters, builtins, settings."""

import subprocess
import sys
from typing import Any

import pytest

from tests.unit.workloads.factories import make_resolved, make_spec
from trading_workloads.rules import RuleError, check_strategy, resolve_strategy


def rules_of(**rules: Any) -> dict[str, Any]:
    return {"logic": {"rules": rules}}


MISTAKES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "each wrong expression once": (
        rules_of(let={"f": "smaa(close, 3)"}, enterLong="f > clsoe", exitLong="close", strength="close > 1"),
        [
            'let.f, column 1: unknown function "smaa"; did you mean "sma"?',
            'exitLong, column 1: expected a condition, found the number "close"',
            'strength, column 1: expected a number, found the condition "close > 1"',
        ],
    ),
    "circle of definitions": (
        rules_of(let={"a": "b + 1", "b": "c", "c": "a", "d": "a"}, enterLong="d > 1"),
        ["let.a: refers to itself: a -> b -> c -> a"],
    ),
    "definition of itself": (rules_of(let={"a": "a + 1"}, enterLong="a > 1"), ["let.a: refers to itself: a -> a"]),
    "definition that hides a price": (
        rules_of(let={"close": "open"}, enterLong="close > 1"),
        ['let.close: the name "close" is a price'],
    ),
    "definition that hides a function": (
        rules_of(let={"sma": "open"}, enterLong="close > 1"),
        ['let.sma: the name "sma" is a function'],
    ),
    "definition that is a word of the language": (
        rules_of(let={"not": "open"}, enterLong="close > 1"),
        ['let.not: the name "not" is a word of the language'],
    ),
    "definition that hides a parameter": (
        rules_of(let={"n": "open"}, enterLong="close > 1") | {"parameters": {"n": {"value": 1}}},
        ['let.n: the name "n" is a parameter already'],
    ),
    "parameter below its bounds": (
        {"parameters": {"n": {"value": 1, "min": "1.5", "max": 9}}},
        ["parameters.n: found value 1, expected at least 1.5 and at most 9"],
    ),
    "parameter above its bound": (
        {"parameters": {"n": {"value": "0.3", "max": "25%"}}},
        ["parameters.n: found value 0.3, expected at most 25%"],
    ),
    "bounds the wrong way round": (
        {"parameters": {"n": {"value": 5, "min": 9, "max": 1}}},
        ["parameters.n: found min 9 above max 1"],
    ),
    "tolerance of nothing": (
        {"warmup": {"tolerance": "0"}},
        ["warmup.tolerance: found 0, expected more than 0 and under 1"],
    ),
    "no way in": (
        rules_of(exitLong="close > 1"),
        ["rules: found no rule to enter, expected at least one of enterLong, enterShort"],
    ),
    "no logic": ({"logic": {}}, ["logic: found none, expected exactly one of rules, builtin, model, code"]),
    "two kinds of logic": (
        {"logic": {"rules": {"enterLong": "close > 1"}, "builtin": {}}},
        ["logic: found rules builtin, expected exactly one of rules, builtin, model, code"],
    ),
    "logic of a later release": (
        {"logic": {"model": {"name": "m", "features": ["close"]}}},
        ["model: is not in this release; there are rules, builtin"],
    ),
    "builtin of a later release": (
        {"logic": {"builtin": {"macd": {}}}},
        ["builtin.macd: is not in this release; there is movingAverageCross"],
    ),
    "averages the wrong way round": (
        {"logic": {"builtin": {"movingAverageCross": {"fast": 50, "slow": 20}}}},
        ["builtin.movingAverageCross: found fast 50 and slow 20, expected fast < slow"],
    ),
    "more parts than are allowed": (
        rules_of(let={f"x{i}": "+".join(["close"] * 20) for i in range(20)}, enterLong="close > 1"),
        ["let.x12: the rules together have more than 500 parts; write them shorter"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_told(name: str) -> None:
    fields, expected = MISTAKES[name]
    spec = make_spec(**fields)
    assert [str(error) for error in check_strategy(spec)] == expected
    with pytest.raises(RuleError) as first:
        resolve_strategy(spec)
    assert str(first.value) == expected[0]


def test_windows_may_not_fill_the_memory() -> None:
    symbols = tuple(f"S{number}" for number in range(2000))
    spec = make_spec(symbols=symbols, **rules_of(enterLong="sma(close, 5000) > 1 or lag(close, 5000) > lag(close, 1)"))
    assert [str(error) for error in check_strategy(spec)] == [
        "logic: the windows and lags of all rules add up to 10001 bars, expected at most 10000 bars for 2000 symbols"
    ]


def test_symbol_twice_is_told() -> None:
    assert [str(error) for error in check_strategy(make_spec(symbols=("A", "B", "A")))] == [
        'universe.symbols[2]: found "A" again, expected each symbol once'
    ]


def test_definitions_may_stand_in_any_order() -> None:
    resolved = make_resolved(**rules_of(let={"a": "b * 2", "b": "sma(close, 3)"}, enterLong="close > a"))
    assert list(resolved.rules.let) == ["b", "a"]
    assert resolved.expanded == {"let": {"a": "b * 2", "b": "sma(close, 3)"}, "enterLong": "close > a"}


def test_definitions_that_double_each_other_cost_no_more_than_their_texts() -> None:
    let = {"x0": "close"} | {f"x{number}": f"x{number - 1} + x{number - 1}" for number in range(1, 64)}
    resolved = make_resolved(**rules_of(let=let, enterLong="x63 > lag(x63, 1)"))
    assert resolved.warmup_bars == 2


def test_builtin_is_expanded() -> None:
    resolved = make_resolved(logic={"builtin": {"movingAverageCross": {}}})
    assert resolved.logic == "MovingAverageCross"
    assert resolved.warmup_bars == 51
    assert resolved.expanded == {
        "let": {"f": "sma(close, 20)", "s": "sma(close, 50)"},
        "enterLong": "crosses_above(f, s)",
        "exitLong": "crosses_below(f, s)",
    }


def test_settings_are_numbers() -> None:
    resolved = make_resolved(
        signals={"minStrength": "12.5%", "cooldownBars": 3}, warmup={"bars": 7, "tolerance": "1e-3"}
    )
    assert (resolved.min_strength, resolved.cooldown_bars, resolved.tolerance) == (0.125, 3, 0.001)
    assert (resolved.warmup_bars, resolved.first_evaluated_bar) == (1, 8)


def test_rules_load_without_numpy() -> None:
    code = "import sys, trading_workloads.rules; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
