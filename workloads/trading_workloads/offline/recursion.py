"""The recursion test: what a rule says after warm-up does not depend on where history begins."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trading_workloads.bars.bar import Bar
from trading_workloads.bars.table import BarTable
from trading_workloads.indicators.series import Mask, Series, Truth
from trading_workloads.rules import ResolvedStrategy
from trading_workloads.runner.program import Program, compile_rules
from trading_workloads.runner.tick import tick_of

STARTS: Final = (1 / 8, 1 / 4, 1 / 2)
"""Shares of the bars that the later histories leave out."""


@dataclass(slots=True)
class Recursion:
    """What the test found.

    compared: evaluations (symbol, bar, rule) that both histories made. changed: how many of them say something else.
    first: the first of those. moved: by operand, its largest movement; sizes: its largest value.
    """

    compared: int = 0
    changed: int = 0
    first: str = ""
    moved: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)

    def largest(self) -> tuple[str, float]:
        """Return the operand that moved most, and by how much of its own size."""
        shares = {text: moved / (self.sizes[text] or 1.0) for text, moved in self.moved.items()}
        return max(shares.items(), key=lambda item: item[1], default=("", 0.0))


def measure_recursion(resolved: ResolvedStrategy, table: BarTable) -> Recursion:
    """Compare the rules' values in the whole history with those in histories that begin later."""
    comparison = _Comparison(resolved, table)
    first_bars = sorted({int(len(table) * share) for share in STARTS} - {0})
    whole = _History(resolved, len(table.symbols), 0)
    later = [_History(resolved, len(table.symbols), first_bar) for first_bar in first_bars]
    with np.errstate(all="ignore"):
        for number, bar in enumerate(table):
            expected, _ = whole.step(bar)
            for history in later:
                if number >= history.first_bar:
                    comparison.compare(number, expected, *history.step(bar))
    return comparison.found


class _History:
    """The rules from some bar on."""

    def __init__(self, resolved: ResolvedStrategy, symbols: int, first_bar: int) -> None:
        self.first_bar = first_bar
        self._program = compile_rules(resolved.rules, symbols)
        self._numbers: NDArray[np.int64] = np.zeros(symbols, dtype=np.int64)
        self._first_evaluated_bar = resolved.first_evaluated_bar

    def step(self, bar: Bar) -> tuple[list[Any], Mask]:
        """Advance by one bar; return the value of each slot, and which symbols are evaluated."""
        tick, present = tick_of(bar)
        self._numbers += present
        return self._program.run(tick), present & (self._numbers >= self._first_evaluated_bar)


class _Comparison:
    """Holds two histories against each other, bar by bar."""

    def __init__(self, resolved: ResolvedStrategy, table: BarTable) -> None:
        self.found = Recursion()
        self._table = table
        self._program: Program = compile_rules(resolved.rules, len(table.symbols))
        self._min_strength = resolved.min_strength
        self._operands = {text: slot for operands in self._program.operands.values() for text, slot in operands}
        if "strength" in self._program.rules:
            self._operands["strength"] = self._program.rules["strength"]

    def compare(self, number: int, whole: list[Any], later: list[Any], evaluated: Mask) -> None:
        if not evaluated.any():
            return
        for rule, slot in self._program.rules.items():
            self._count(number, rule, evaluated, self._says(whole[slot]) != self._says(later[slot]))
        for text, slot in self._operands.items():
            self._measure(text, whole[slot][evaluated], later[slot][evaluated])

    def _says(self, value: Series | Truth) -> Mask:
        return value.true if isinstance(value, Truth) else np.abs(value) >= self._min_strength

    def _count(self, number: int, rule: str, evaluated: Mask, differs: Mask) -> None:
        changed = evaluated & differs
        self.found.compared += int(np.count_nonzero(evaluated))
        self.found.changed += int(np.count_nonzero(changed))
        if changed.any() and not self.found.first:
            symbol = self._table.symbols[int(np.argmax(changed))]
            self.found.first = f"{rule} of {symbol} at {self._table.written[number]}"

    def _measure(self, text: str, whole: Series, later: Series) -> None:
        movement = np.abs(whole - later)
        if not np.isnan(movement).all():
            self.found.moved[text] = max(self.found.moved.get(text, 0.0), float(np.nanmax(movement)))
            self.found.sizes[text] = max(self.found.sizes.get(text, 0.0), float(np.nanmax(np.abs(whole))))
