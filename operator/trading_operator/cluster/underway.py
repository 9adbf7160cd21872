"""Writes that the API server still works on: whoever lets another replica write has to know of them."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

Answer = TypeVar("Answer")


@dataclass(slots=True)
class WritesUnderWay:
    """Sees writes through to their answers.

    Whoever is cancelled in the middle of a write stops waiting for it; the write itself goes on, because to cut the
    connection would not take it back.
    """

    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def see_through(self, write: Coroutine[Any, Any, Answer]) -> Answer:
        """Return the answer of a write. Raises what the write raises."""
        task = asyncio.create_task(write)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def have_ended(self, seconds: float) -> bool:
        """Wait until there is none, so long at most; tell whether there is none."""
        if not self._tasks:
            return True
        _, unanswered = await asyncio.wait(self._tasks, timeout=seconds)
        return not unanswered
