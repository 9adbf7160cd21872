"""Long computation on an event loop that others share: short stretches, with room for the others in between."""

import asyncio
import time
from dataclasses import dataclass, field

STRETCH_SECONDS = 0.004


@dataclass(slots=True)
class Pacer:
    """Gives way to the event loop after each stretch of computation."""

    _until: float = field(default=0.0)

    async def breathe(self) -> None:
        """Let other tasks run if this one has computed for longer than a stretch; costs next to nothing if not."""
        if time.perf_counter() >= self._until:
            await asyncio.sleep(0)
            self._until = time.perf_counter() + STRETCH_SECONDS
