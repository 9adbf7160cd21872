"""Long computation on an event loop that others share: short stretches, with room for the others in between."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

STRETCH_SECONDS: Final = 0.004
ROOM_SECONDS: Final = 0.002


def nobody_waits() -> bool:
    """Say that no request is being answered."""
    return False


@dataclass(slots=True)
class Pacer:
    """Gives way after each stretch of computation: for a moment, or longer while somebody waits for an answer.

    An answer takes several turns of the loop, with Redis in between: one turn per stretch would make it slow.
    """

    somebody_waits: Callable[[], bool] = nobody_waits
    _until: float = 0.0

    async def breathe(self) -> None:
        """Let other tasks run if this one has computed for longer than a stretch; costs next to nothing if not."""
        if time.perf_counter() >= self._until:
            await asyncio.sleep(ROOM_SECONDS if self.somebody_waits() else 0)
            self._until = time.perf_counter() + STRETCH_SECONDS
