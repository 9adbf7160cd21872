"""The bars of a whole file: one row for each close, one column for each symbol."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trading_workloads.bars.bar import Bar


@dataclass(frozen=True, slots=True)
class BarTable:
    """Bars in order of time. Prices are (bars, symbols) float64, NaN where a symbol has no bar.

    close_ms: (bars,) int64, milliseconds of UTC. `written` has each close as its file writes it; `written_otherwise`
    has those of a symbol, by (bar, symbol name), that write the same moment in another way.
    """

    symbols: tuple[str, ...]
    close_ms: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
    written: tuple[str, ...]
    written_otherwise: Mapping[tuple[int, str], str]

    def __len__(self) -> int:
        return len(self.close_ms)

    def __iter__(self) -> Iterator[Bar]:
        for row, close_ms in enumerate(self.close_ms.tolist()):
            yield Bar(close_ms, self.open[row], self.high[row], self.low[row], self.close[row], self.volume[row])

    def time_of(self, bar: int, symbol: str) -> str:
        """Return a close as the file writes it for a symbol."""
        return self.written_otherwise.get((bar, symbol), self.written[bar])

    def select(self, symbols: Sequence[str]) -> "BarTable":
        """Return the bars of some symbols, in that order; closes at which none of them has a bar are left out.

        Raises KeyError for a symbol that the table does not have.
        """
        place = {symbol: column for column, symbol in enumerate(self.symbols)}
        columns = np.array([place[symbol] for symbol in symbols], dtype=np.intp)
        rows = np.flatnonzero(~np.isnan(self.close[:, columns]).all(axis=1))
        number = {row: new for new, row in enumerate(rows.tolist())}
        chosen = np.ix_(rows, columns)
        return BarTable(
            symbols=tuple(symbols),
            close_ms=self.close_ms[rows],
            open=self.open[chosen],
            high=self.high[chosen],
            low=self.low[chosen],
            close=self.close[chosen],
            volume=self.volume[chosen],
            written=tuple(self.written[row] for row in rows.tolist()),
            written_otherwise={(number[b], s): t for (b, s), t in self.written_otherwise.items() if b in number},
        )

    def rows(self, first: int, end: int) -> "BarTable":
        """Return the bars from `first` up to, but without, `end`."""
        cut = slice(first, end)
        return replace(
            self,
            close_ms=self.close_ms[cut],
            open=self.open[cut],
            high=self.high[cut],
            low=self.low[cut],
            close=self.close[cut],
            volume=self.volume[cut],
            written=self.written[cut],
            written_otherwise={(b - first, s): t for (b, s), t in self.written_otherwise.items() if first <= b < end},
        )
