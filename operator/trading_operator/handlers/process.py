"""kopf watches our own kinds and hands each event over as it is.

In a thread with an event loop of its own: an answer that kopf does not expect, such as 403 or 404 to a watch, ends it
together with every task of its loop. Here it is started again, and passes go on meanwhile.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import kopf

from trading_operator.cluster.credentials import Credentials
from trading_operator.cluster.watchsession import open_watch_session
from trading_operator.handlers.storages import NoDiffBase, NoProgress
from trading_operator.kinds import OBJECTS

log = logging.getLogger(__name__)

Take = Callable[[str | None, dict[str, Any]], None]

SILENCE_SECONDS: Final = 30.0
STREAM_SECONDS: Final = 25
PAGE: Final = 250
IDLE_SECONDS: Final = 0.05
"""How long kopf keeps the queue and the task of an object without events: at the start there is one for each object."""
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


def build_registry(take: Take, load_credentials: Callable[[], Credentials]) -> kopf.OperatorRegistry:
    """Return what kopf is to do: log in, and pass on the events of our own kinds."""
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    async def log_in(**_: object) -> kopf.AiohttpSession:
        credentials = load_credentials()
        return kopf.AiohttpSession(server=credentials.server, aiohttp_session=open_watch_session(credentials))

    async def pass_on(event: Any, **_: object) -> None:  # noqa: ANN401 - the raw event
        take(event["type"], event["object"])

    for kind in OBJECTS:
        kopf.on.event(kind.group, kind.version, kind.plural, registry=registry, id=kind.plural)(pass_on)
    return registry


def build_settings(selector: str = "") -> kopf.OperatorSettings:
    """Return kopf's settings: nothing is written to objects, and watches that are silent are dead."""
    settings = kopf.OperatorSettings()
    settings.persistence.diffbase_storage = NoDiffBase()
    settings.persistence.progress_storage = NoProgress()
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.watching.server_timeout = STREAM_SECONDS
    settings.watching.inactivity_timeout = SILENCE_SECONDS
    settings.watching.chunk_size = PAGE
    settings.queueing.idle_timeout = IDLE_SECONDS
    if selector:
        for kind in OBJECTS:
            settings.watching.label_selectors[kind.group, kind.plural] = selector
    settings.networking.error_backoffs = Patience()
    return settings


async def follow_objects(
    take: Take, load_credentials: Callable[[], Credentials], namespaces: tuple[str, ...], selector: str = ""
) -> None:
    """Hand events over to the running loop until cancelled, whatever happens to kopf."""
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def hand_over(event_type: str | None, body: dict[str, Any]) -> None:
        loop.call_soon_threadsafe(take, event_type, body)

    registry, settings = build_registry(hand_over, load_credentials), build_settings(selector)
    frame = asyncio.create_task(asyncio.to_thread(_run_frame, registry, settings, namespaces, stop))
    try:
        await asyncio.shield(frame)
    finally:
        stop.set()
        await frame


def _run_frame(
    registry: kopf.OperatorRegistry,
    settings: kopf.OperatorSettings,
    namespaces: tuple[str, ...],
    stop: threading.Event,
) -> None:
    pauses = iter(Patience())
    while not stop.is_set():
        started = time.monotonic()
        try:
            kopf.run(
                registry=registry,
                settings=settings,
                namespaces=namespaces,
                clusterwide=not namespaces,
                standalone=True,
                stop_flag=stop,
            )
        except Exception as error:  # noqa: BLE001 - whatever ended it, it is told and started again
            log.warning("kopf ended and is started again", extra={"error": f"{type(error).__name__}: {error}"})
        if time.monotonic() - started > _LONG_ENOUGH:
            pauses = iter(Patience())
        stop.wait(next(pauses))
