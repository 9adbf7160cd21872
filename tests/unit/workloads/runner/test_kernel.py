"""The state machine, bar by bar, on one or two symbols whose rules are easy to see."""

import math
from typing import Any

import numpy as np
import pytest

from tests.unit.workloads.factories import make_bar, make_resolved, random_bars, with_rules
from tests.unit.workloads.templates import TEMPLATES, Settings
from trading_workloads.bars.bar import Bar
from trading_workloads.bars.table import BarTable
from trading_workloads.rules import ResolvedStrategy
from trading_workloads.runner.batch import run_batch
from trading_workloads.runner.kernel import Kernel
from trading_workloads.runner.machine import EntryLimits

NO_BAR = math.nan


def make_kernel(*, symbols: tuple[str, ...] = ("AAPL",), spec: dict[str, Any] | None = None, **rules: Any) -> Kernel:
    resolved = with_rules(symbols=symbols, spec=spec, **rules)
    return Kernel(resolved, symbols)


def actions(kernel: Kernel, closes: list[Any]) -> list[str]:
    """Return `<bar><action>` of each decision; closes are numbers, or tuples with one for each symbol."""
    found = []
    for number, close in enumerate(closes, start=1):
        bar = make_bar(number, *(close if isinstance(close, tuple) else (close,)))
        for decision in kernel.step(bar):
            symbol = f" {kernel.symbols[decision.symbol]}" if len(kernel.symbols) > 1 else ""
            found.append(f"{number} {decision.action}{symbol}")
    return found


def test_positions_are_taken_and_left() -> None:
    kernel = make_kernel(enterLong="close > 5", exitLong="close < 3", enterShort="close == 4", exitShort="close == 3")
    assert actions(kernel, [9, 9, 4, 2, 4, 9, 3, 3]) == [
        "1 EnterLong", "4 ExitLong", "5 EnterShort", "7 ExitShort",
    ]  # fmt: skip


def test_symbol_that_is_left_may_be_entered_on_the_same_bar() -> None:
    kernel = make_kernel(enterLong="close > 5", exitLong="close <= 5", enterShort="close < 5", exitShort="close >= 5")
    assert actions(kernel, [9, 1, 9]) == ["1 EnterLong", "2 ExitLong", "2 EnterShort", "3 ExitShort", "3 EnterLong"]


def test_both_entries_true_is_no_signal_and_is_counted() -> None:
    kernel = make_kernel(enterLong="close > 5", enterShort="close > 8")
    assert actions(kernel, [9, 9, 6]) == ["3 EnterLong"]
    assert kernel.counters.ambiguous == 2


def test_both_entries_true_while_held_is_nothing() -> None:
    kernel = make_kernel(enterLong="close > 5", enterShort="close > 8")
    assert actions(kernel, [6, 9]) == ["1 EnterLong"]
    assert kernel.counters.ambiguous == 0


@pytest.mark.parametrize(
    ("cooldown", "entered"), [(0, "2 EnterLong"), (1, "4 EnterLong"), (2, "5 EnterLong"), (3, "6 EnterLong")]
)
def test_no_entry_within_cooldown_of_the_last_exit(cooldown: int, entered: str) -> None:
    kernel = make_kernel(spec={"signals": {"cooldownBars": cooldown}}, enterLong="close > 5", exitLong="close > 8")
    expected = ["1 EnterLong", "2 ExitLong", entered]
    assert actions(kernel, [6, 9, 2, 6, 6, 6])[:3] == expected
    assert kernel.counters.cooldown == {0: 0, 1: 1, 2: 2, 3: 3}[cooldown]


def test_cooldown_counts_the_bars_of_the_symbol() -> None:
    kernel = make_kernel(
        symbols=("A", "B"), spec={"signals": {"cooldownBars": 1}}, enterLong="close > 5", exitLong="close < 3"
    )
    closes = [(6, 6), (2, 2), (NO_BAR, 6), (NO_BAR, 6), (6, 6), (6, 6)]
    assert actions(kernel, closes)[4:] == ["4 EnterLong B", "6 EnterLong A"]


def test_weak_entry_is_not_taken_and_exit_is() -> None:
    kernel = make_kernel(
        spec={"signals": {"minStrength": "0.5"}},
        enterLong="close > 5", exitLong="close < 3", strength="(close - 8) / 4",
    )  # fmt: skip
    assert actions(kernel, [7, 6, 9, 2]) == ["2 EnterLong", "4 ExitLong"]
    assert kernel.counters.below_min_strength == 1


def test_entry_of_undefined_strength_is_not_taken_and_exit_is() -> None:
    kernel = make_kernel(enterLong="close > 5", exitLong="close < 3", strength="1 / (close % 2)")
    found = [kernel.step(make_bar(number, close)) for number, close in enumerate([6, 7, 2])]
    assert [[decision.strength for decision in decisions] for decisions in found] == [[], [1.0], [None]]
    assert kernel.counters.undefined_strength == 1


def test_missing_bar_does_not_exist_for_its_symbol() -> None:
    kernel = make_kernel(symbols=("A", "B"), enterLong="close > lag(close, 1)", exitLong="close < lag(close, 1)")
    assert actions(kernel, [(5, 5), (NO_BAR, 6), (7, NO_BAR), (NO_BAR, NO_BAR), (6, 6), (6, 5)]) == [
        "2 EnterLong B", "3 EnterLong A", "5 ExitLong A", "6 ExitLong B",
    ]  # fmt: skip
    assert kernel.bar_numbers.tolist() == [4, 4]


def test_symbols_are_evaluated_from_their_own_warm_bar() -> None:
    kernel = make_kernel(symbols=("A", "B"), enterLong="sma(close, 3) > 0")
    assert actions(kernel, [(1, NO_BAR), (1, 1), (1, 1), (1, 1)]) == ["3 EnterLong A", "4 EnterLong B"]
    assert (kernel.bars_seen, kernel.warm_symbols) == (4, 2)


def test_kernel_is_warm_when_every_symbol_that_has_had_a_bar_is() -> None:
    kernel = make_kernel(symbols=("A", "B", "C"), enterLong="sma(close, 3) > 0")
    warm = [kernel.warm]
    for row in [(1, NO_BAR), (1, NO_BAR), (1, NO_BAR), (1, 1), (1, 1), (1, 1)]:
        actions(kernel, [(*row, NO_BAR)])
        warm.append(kernel.warm)
    assert warm == [False, False, False, True, False, False, True]


@pytest.mark.parametrize("bars", [0, 1, 2])
def test_first_bars_are_never_evaluated(bars: int) -> None:
    kernel = make_kernel(spec={"warmup": {"bars": bars}}, enterLong="close > 0")
    assert actions(kernel, [1, 1, 1, 1]) == [f"{bars + 1} EnterLong"]


def test_decisions_come_in_the_order_of_symbols_exit_before_entry() -> None:
    kernel = make_kernel(
        symbols=("Z", "A"), enterLong="close > 5", exitLong="close <= 5", enterShort="close < 5", exitShort="close >= 5"
    )
    assert [decision.number for decision in kernel.step(make_bar(1, 9, 9))] == [1, 3]
    assert actions(kernel, [(1, 1)]) == ["1 ExitLong Z", "1 EnterShort Z", "1 ExitLong A", "1 EnterShort A"]
    assert [decision.number for decision in kernel.step(make_bar(3, 9, 9))] == [0, 1, 2, 3]


def test_decision_is_explained() -> None:
    kernel = make_kernel(let={"half": "close / 2"}, enterLong="half * 2 > 3 and volume > open", strength="half")
    (decision,) = kernel.step(make_bar(1, 4.0))
    assert (decision.rule, decision.side, decision.strength, decision.price) == ("enterLong", "Long", 2.0, 4.0)
    assert decision.values == {"half * 2": 4.0, "half": 2.0, "volume": 100.0, "open": 3.5}


def test_explanation_has_parameters_and_undefined_operands_and_looks_into_conditions() -> None:
    kernel = make_kernel(
        spec={"parameters": {"level": {"value": 3}}, "warmup": {"bars": 0}},
        let={"half": "close / 2", "cheap": "half < level"},
        enterLong="cheap and (lag(close, 9) > 1 or volume > -1)",
    )
    (decision,) = kernel.step(make_bar(1, 4.0))
    assert list(decision.values.items()) == [("half", 2.0), ("level", 3.0), ("lag(close, 9)", None), ("volume", 100.0)]


def test_equal_parts_of_rules_are_computed_once() -> None:
    repeated = make_kernel(
        let={"f": "sma(close, 3)"}, enterLong="f > sma(close, 3) + 1", exitLong="not (sma(close, 1 + 2) > f + 1)"
    )
    assert len(repeated._program.operations) == len(["close", "sma", "1", "+", ">", "not"])


def test_bars_that_are_not_evaluated_move_indicators_and_not_positions() -> None:
    kernel = make_kernel(enterLong="close > 5", exitLong="close < sma(close, 2)")
    assert kernel.step(make_bar(1, 9), evaluate=False) == []
    assert kernel.positions.side.tolist() == [0]
    assert actions(kernel, [8]) == ["1 EnterLong"]
    assert kernel.step(make_bar(3, 7), entries=False)[0].action == "ExitLong"


def test_without_entries_positions_are_only_left() -> None:
    kernel = make_kernel(enterLong="close > 5", exitLong="close > 8", enterShort="close > 8")
    assert kernel.step(make_bar(1, 6), entries=False) == []
    assert actions(kernel, [6]) == ["1 EnterLong"]
    assert [decision.action for decision in kernel.step(make_bar(3, 9), entries=False)] == ["ExitLong"]


def test_positions_can_be_taken_over() -> None:
    def new() -> Kernel:
        return make_kernel(spec={"signals": {"cooldownBars": 2}}, enterLong="close > 5", exitLong="close < 3")

    closes = [6, 2, 6, 6, 6, 2, 6]
    whole = actions(new(), closes)
    first, second = new(), new()
    for number, close in enumerate(closes[:3]):
        first.step(make_bar(number, close))
        second.step(make_bar(number, close), evaluate=False)
    second.restore_positions(first.positions)
    assert [f"{3 + int(each[0])}{each[1:]}" for each in actions(second, closes[3:])] == whole[2:]


def test_positions_are_copies() -> None:
    kernel = make_kernel(enterLong="close > 5")
    taken = kernel.positions
    kernel.step(make_bar(1, 6))
    assert taken.side.tolist() == [0]
    taken.side[:] = -1
    assert kernel.positions.side.tolist() == [1]


def test_limits_may_change_between_bars() -> None:
    kernel = make_kernel(enterLong="close > 5", exitLong="close < 3", strength="0.4")
    kernel.limits = EntryLimits(min_strength=0.5)
    assert kernel.step(make_bar(1, 6)) == []
    kernel.limits = EntryLimits(min_strength=0.4)
    assert len(kernel.step(make_bar(2, 6))) == 1


SYMBOLS = ("A", "B", "C")


def table_and_strategy(name: str, seed: int) -> tuple[BarTable, ResolvedStrategy]:
    template = TEMPLATES[name](Settings(4, 7, 0.5, 0.05))
    resolved = make_resolved(
        symbols=SYMBOLS,
        parameters={"n": {"value": 4}, "m": {"value": 7}, "k": {"value": "0.5"}},
        logic=template.logic,
        warmup={"tolerance": "0.05"},
        signals={"cooldownBars": 1},
    )
    wide = random_bars(seed, SYMBOLS, 90).pivot_table(index="time", columns="symbol")
    columns = {price: wide[price][list(SYMBOLS)].to_numpy() for price in ("open", "high", "low", "close", "volume")}
    times = wide.index.strftime("%Y-%m-%d")
    return BarTable(SYMBOLS, np.arange(len(wide)), **columns, written=tuple(times), written_otherwise={}), resolved


@pytest.mark.parametrize("name", TEMPLATES)
def test_later_bars_never_change_earlier_signals(name: str) -> None:
    table, resolved = table_and_strategy(name, seed=2)
    whole = [decisions for _, decisions in run_batch(Kernel(resolved, SYMBOLS), table)]
    for end in (10, 37, 60, 89):
        cut = [decisions for _, decisions in run_batch(Kernel(resolved, SYMBOLS), table.rows(0, end))]
        assert cut == whole[:end]


@pytest.mark.parametrize("name", TEMPLATES)
def test_batch_equals_bar_by_bar(name: str) -> None:
    """Live running makes new arrays for each bar and may use their memory again: the decisions are the same."""
    table, resolved = table_and_strategy(name, seed=4)
    batch = [decisions for _, decisions in run_batch(Kernel(resolved, SYMBOLS), table)]
    kernel = Kernel(resolved, SYMBOLS)
    live = []
    for bar in table:
        columns = [column.copy() for column in (bar.open, bar.high, bar.low, bar.close, bar.volume)]
        live.append(kernel.step(Bar(bar.close_ms, *columns)))
        for column in columns:
            column[:] = -1e9
    assert live == batch
    assert sum(map(len, batch))
