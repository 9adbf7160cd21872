"""The end of background tasks."""

import asyncio
from collections.abc import Collection
from typing import Final

AGAIN_SECONDS: Final = 0.25


async def end_tasks(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended, whatever they end with.

    Once is not enough: redis sends commands inside `asyncio.wait_for`, and before Python 3.12 a cancellation that
    comes just as the command has been sent is lost there.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
