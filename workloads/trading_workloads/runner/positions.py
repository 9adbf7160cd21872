"""Positions in a checkpoint: of symbols that hold something, or that have been left before."""

from typing import Final

import numpy as np
import orjson

from trading_workloads.runner.holdings import FLAT, Positions
from trading_workloads.runner.kernel import Kernel

NEVER_LEFT: Final = -1


def encode_positions(kernel: Kernel) -> str:
    """Return a kernel's positions as JSON: `{symbol: [side, bars since its last exit]}`.

    Bars are counted backwards from now, so that they mean the same to a revision whose history begins elsewhere.
    """
    positions, numbers = kernel.positions, kernel.bar_numbers
    since = np.where(positions.last_exit > 0, numbers - positions.last_exit, NEVER_LEFT).tolist()
    sides = positions.side.tolist()
    written = {
        symbol: [sides[place], since[place]]
        for place, symbol in enumerate(kernel.symbols)
        if sides[place] != FLAT or since[place] != NEVER_LEFT
    }
    return orjson.dumps(written).decode()


def restore_positions(kernel: Kernel, text: str) -> None:
    """Give a kernel the positions that another one wrote at the same bar; symbols that it lacks are dropped.

    Raises ValueError when the text has something else.
    """
    written = orjson.loads(text)
    positions = Positions.flat(len(kernel.symbols))
    numbers = kernel.bar_numbers
    for place, symbol in enumerate(kernel.symbols):
        side, since = written.get(symbol, (FLAT, NEVER_LEFT))
        positions.side[place] = side
        if since != NEVER_LEFT:
            positions.last_exit[place] = max(1, numbers[place] - since)
    kernel.restore_positions(positions)
