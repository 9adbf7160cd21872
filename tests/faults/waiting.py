"""Waiting for what comes, with an end."""

import asyncio
from collections.abc import Callable


class DivergenceError(AssertionError):
    """Something did not become, or did not stay, what it is in a run without faults."""


async def until(holds: Callable[[], bool], what: str, seconds: float) -> None:
    """Wait until something holds. Raises DivergenceError after so many seconds, saying what was waited for."""
    try:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - looks at what has no event: processes and counts
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise DivergenceError(f"not within {seconds:.0f} s: {what}") from None
