"""The position of each symbol, and when it was last left."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FLAT: Final = 0
LONG: Final = 1
SHORT: Final = -1


class Positions:
    """Per symbol: side, (symbols,) int8, 0 flat, 1 long, -1 short; last_exit, (symbols,) int64, the number of the
    symbol's bar at which a position was last left, 0 for never."""

    __slots__ = ("last_exit", "side")

    def __init__(self, side: NDArray[np.int8], last_exit: NDArray[np.int64]) -> None:
        self.side = side
        self.last_exit = last_exit

    @classmethod
    def flat(cls, symbols: int) -> "Positions":
        """Return the positions of a strategy that has not traded yet."""
        return cls(np.zeros(symbols, dtype=np.int8), np.zeros(symbols, dtype=np.int64))

    def copy(self) -> "Positions":
        """Return positions that change on their own."""
        return Positions(self.side.copy(), self.last_exit.copy())
