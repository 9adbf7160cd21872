"""The last values of each symbol, in memory that is written round and round.

Symbols count their own bars. As long as all that have started move together, one row number serves everyone; the first
gap gives each symbol a row number of its own.
"""

import numpy as np

from trading_workloads.indicators.series import Lanes, Places, Series


class RowCursor:
    """The row where each symbol writes next, of `rows`; counted for each where gaps have parted them."""

    __slots__ = ("_apart", "_started", "_together", "rows")

    def __init__(self, rows: int, symbols: int) -> None:
        self.rows = rows
        self._together = 0
        self._apart: Places | None = None
        self._started = np.zeros(symbols, dtype=np.bool_)

    def advance(self, lanes: Lanes) -> tuple[int | Places, Lanes]:
        """Move the lanes on by one row; return the rows that they were at, and the lanes to index beside them."""
        if self._apart is None and not self._somebody_stays_behind(lanes):
            row = self._together
            self._together = (row + 1) % self.rows
            return row, lanes
        if self._apart is None:
            self._apart = np.full(len(self._started), self._together, dtype=np.intp)
        chosen = np.arange(len(self._started)) if isinstance(lanes, slice) else lanes
        rows = self._apart[chosen]
        self._apart[chosen] = (rows + 1) % self.rows
        return rows, chosen

    def forget(self, lanes: Lanes) -> None:
        """Treat the lanes as if they had not started; whoever calls has emptied their rows."""
        self._started[lanes] = False

    def _somebody_stays_behind(self, lanes: Lanes) -> bool:
        if isinstance(lanes, slice):
            self._started[:] = True
            return False
        stays = np.count_nonzero(self._started[lanes]) < np.count_nonzero(self._started)
        self._started[lanes] = True
        return bool(stays)


class Ring:
    """The last `length` values of each symbol; values: (length, symbols) float64, `empty` where nothing was put."""

    __slots__ = ("_cursor", "_empty", "_values")

    def __init__(self, length: int, symbols: int, empty: float) -> None:
        self._values = np.full((length, symbols), empty)
        self._empty = empty
        self._cursor = RowCursor(max(length, 1), symbols)

    def exchange(self, lanes: Lanes, x: Series) -> Series:
        """Put in the values of some lanes, one each; return those that the lanes put in `length` turns ago."""
        if not len(self._values):
            return x
        rows, lanes = self._cursor.advance(lanes)
        oldest = self._values[rows, lanes].copy()
        self._values[rows, lanes] = x
        return oldest

    def clear(self, lanes: Lanes) -> None:
        """Forget what the lanes have put in."""
        self._values[:, lanes] = self._empty
        self._cursor.forget(lanes)
