"""One bar of a universe: the prices of every symbol at one close, as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Bar:
    """What happened until one close. Each column is (symbols,) float64, NaN for a symbol without this bar.

    `close_ms` is the close in milliseconds of UTC. The symbols are those of the universe, in its order.
    """

    close_ms: int
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
