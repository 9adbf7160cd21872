"""kopf in a thread with an event loop of its own.

An answer that kopf does not expect, such as 404 or 410 to a watch, ends it together with every task of its loop. Here
it is started again, and passes go on meanwhile.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import kopf

log = logging.getLogger(__name__)

_LONGEST_PAUSE: Final = 5.0
_LONG_ENOUGH: Final = 60.0
"""After so many seconds of work an end is a new trouble, not the old one."""


class Patience:
    """Pauses between attempts, without an end: an API server that is away for an hour is no reason to stop."""

    def __iter__(self) -> Iterator[float]:
        pause = 0.25
        while True:
            yield pause
            pause = min(pause * 2, _LONGEST_PAUSE)


@dataclass(slots=True)
class Frame:
    """Runs kopf over and over."""

    registry: kopf.OperatorRegistry
    settings: kopf.OperatorSettings
    namespaces: tuple[str, ...]
    _ending: threading.Event = field(default_factory=threading.Event)
    _stop_kopf: Callable[[], object] = lambda: None

    def run(self) -> None:
        """Run kopf until told to end, in the thread that calls."""
        pauses = iter(Patience())
        while not self._ending.is_set():
            started = time.monotonic()
            try:
                asyncio.run(self._run_once())
            except Exception as error:  # noqa: BLE001 - whatever ended it, it is told and started again
                log.warning("kopf ended and is started again", extra={"error": f"{type(error).__name__}: {error}"})
            if time.monotonic() - started > _LONG_ENOUGH:
                pauses = iter(Patience())
            self._ending.wait(next(pauses))

    def end(self) -> None:
        """Have `run` return, from any thread."""
        self._ending.set()
        with suppress(RuntimeError):  # the loop that it would tell has ended
            self._stop_kopf()

    async def _run_once(self) -> None:
        # A flag of this loop: for one of threads kopf would leave a thread waiting, and never come back from an error.
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        self._stop_kopf = lambda: loop.call_soon_threadsafe(stopping.set)
        if self._ending.is_set():
            return
        await kopf.operator(
            registry=self.registry,
            settings=self.settings,
            namespaces=self.namespaces,
            clusterwide=not self.namespaces,
            standalone=True,
            stop_flag=stopping,
        )
