"""Entries of a bar stream seen from one strategy: its own symbols, in its own order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trading_workloads.bars.bar import Bar
from trading_workloads.bars.entry import BarColumns


@dataclass(slots=True)
class UniverseView:
    """Turns columns of whatever symbols a close has into the bar of a universe."""

    symbols: tuple[str, ...]
    _written: tuple[str, ...] | None = None
    _from: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    _to: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))

    def bar(self, columns: BarColumns) -> Bar:
        """Return the bar: (symbols,) float64 columns, NaN for a symbol that the close lacks."""
        if columns.symbols != self._written:
            self._map(columns.symbols)
        return Bar(
            columns.close_ms,
            self._pick(columns.open),
            self._pick(columns.high),
            self._pick(columns.low),
            self._pick(columns.close),
            self._pick(columns.volume),
        )

    def _map(self, written: tuple[str, ...]) -> None:
        place_of = {symbol: place for place, symbol in enumerate(written)}
        shared = [(place_of[symbol], place) for place, symbol in enumerate(self.symbols) if symbol in place_of]
        self._written = written
        self._from = np.array([place for place, _ in shared], dtype=np.intp)
        self._to = np.array([place for _, place in shared], dtype=np.intp)

    def _pick(self, column: Sequence[float]) -> NDArray[np.float64]:
        picked = np.full(len(self.symbols), np.nan)
        picked[self._to] = np.asarray(column, dtype=np.float64)[self._from]
        return picked
