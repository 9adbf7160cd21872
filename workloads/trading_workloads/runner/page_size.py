"""How many bars a pool takes at once: as many as it can work through in a small part of a lease."""

from dataclasses import dataclass
from typing import Final

FEWEST: Final = 4
MOST: Final = 512


@dataclass(slots=True)
class PageSize:
    """Bars of one page, found by trying: pods have very different amounts of CPU and strategies.

    longest_seconds: how long the work on one page may take.
    """

    longest_seconds: float
    bars: int = 32

    def took(self, seconds: float) -> None:
        """Take note of how long the work on the last page took: twice as many bars next time, or half."""
        if seconds > self.longest_seconds:
            self.bars = max(FEWEST, self.bars // 2)
        elif seconds < self.longest_seconds / 3:
            self.bars = min(MOST, self.bars * 2)
