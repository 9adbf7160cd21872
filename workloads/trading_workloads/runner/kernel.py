"""The one kernel: a bar in, decisions out, the same for live running and for files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trading_workloads.bars.bar import Bar
from trading_workloads.indicators.series import Mask
from trading_workloads.rules.strategy import ResolvedStrategy
from trading_workloads.runner.decision import Decision
from trading_workloads.runner.holdings import Positions
from trading_workloads.runner.machine import Counters, EntryLimits, Move, Situation, enter, leave
from trading_workloads.runner.program import compile_rules
from trading_workloads.runner.tick import tick_of


class Kernel:
    """One strategy in one history of bars.

    Rebuilding a kernel is stepping a new one through the same bars. `limits` may be replaced between bars.
    """

    __slots__ = ("_bar_numbers", "_first_evaluated_bar", "_positions", "_program", "counters", "limits", "symbols")

    def __init__(self, resolved: ResolvedStrategy, symbols: Sequence[str], limits: EntryLimits | None = None) -> None:
        """Make a kernel with empty history; `limits` of None takes those of the strategy's spec."""
        self.symbols = tuple(symbols)
        self.limits = limits or EntryLimits(resolved.min_strength, resolved.cooldown_bars)
        self.counters = Counters()
        self._first_evaluated_bar = resolved.first_evaluated_bar
        self._positions = Positions.flat(len(self.symbols))
        self._bar_numbers = np.zeros(len(self.symbols), dtype=np.int64)
        self._program = compile_rules(resolved.rules, len(self.symbols))

    @property
    def bar_numbers(self) -> NDArray[np.int64]:
        """How many bars each symbol has had, (symbols,) int64."""
        return self._bar_numbers.copy()

    @property
    def bars_seen(self) -> int:
        """How many bars the symbol with the longest history has had."""
        return int(self._bar_numbers.max(initial=0))

    @property
    def warm_symbols(self) -> int:
        """How many symbols are evaluated at each of their bars."""
        return int(np.count_nonzero(self._bar_numbers >= self._first_evaluated_bar))

    @property
    def warm(self) -> bool:
        """Whether there are symbols with a bar, and each of them is warm; one that begins later makes this false."""
        return 0 < self.warm_symbols == int(np.count_nonzero(self._bar_numbers))

    @property
    def positions(self) -> Positions:
        """A copy of the positions."""
        return self._positions.copy()

    def restore_positions(self, positions: Positions) -> None:
        """Take over positions, for instance those of a checkpoint."""
        self._positions = positions.copy()

    def step(self, bar: Bar, *, evaluate: bool = True, entries: bool = True) -> list[Decision]:
        """Advance by one bar and return its decisions in the order of their numbers.

        bar: columns of (symbols,) float64 in the order of `symbols`, NaN for a symbol without the bar. With `evaluate`
        False, indicators and bar counts advance and positions stand still; without `entries`, positions are only left.
        The time does not grow with history.
        """
        tick, present = tick_of(bar)
        self._bar_numbers += present
        with np.errstate(all="ignore"):
            values = self._program.run(tick)
            if not evaluate:
                return []
            now = self._situation(present & (self._bar_numbers >= self._first_evaluated_bar), values)
            moves = leave(self._positions, now)
            if entries:
                moves += enter(self._positions, now, self.limits, self.counters)
        decisions = [self._explain(move, place, bar, now, values) for move in moves for place in move.places]
        return sorted(decisions, key=lambda decision: decision.number)

    def _situation(self, evaluated: Mask, values: list[Any]) -> Situation:
        rules = {name: values[slot] for name, slot in self._program.rules.items()}
        return Situation(evaluated, rules, rules.pop("strength", None), self._bar_numbers)

    def _explain(self, move: Move, place: int, bar: Bar, now: Situation, values: list[Any]) -> Decision:
        return Decision(
            symbol=place,
            action=move.action,
            side=move.side,
            strength=1.0 if now.strength is None else _known(now.strength[place]),
            price=float(bar.close[place]),
            rule=move.rule,
            values={text: _known(values[slot][place]) for text, slot in self._program.operands[move.rule]},
            number=2 * place + move.entry,
        )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
