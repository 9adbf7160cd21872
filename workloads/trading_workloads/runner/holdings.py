"""The position of each symbol, and when it was last left."""

from collections.abc import Mapping, Sequence
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

    @classmethod
    def from_document(cls, document: Mapping[str, Sequence[int]], symbols: Sequence[str]) -> "Positions":
        """Return the positions that `document` wrote; a symbol that it lacks is flat, any other is dropped."""
        positions = cls.flat(len(symbols))
        for place, symbol in enumerate(symbols):
            positions.side[place], positions.last_exit[place] = document.get(symbol, (FLAT, 0))
        return positions

    def document(self, symbols: Sequence[str]) -> dict[str, list[int]]:
        """Return `{symbol: [side, last exit]}` of every symbol that is not flat or has been left, ready for JSON."""
        traded = np.flatnonzero((self.side != FLAT) | (self.last_exit > 0)).tolist()
        return {symbols[place]: [int(self.side[place]), int(self.last_exit[place])] for place in traded}

    def copy(self) -> "Positions":
        """Return positions that change on their own."""
        return Positions(self.side.copy(), self.last_exit.copy())
