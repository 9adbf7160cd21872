"""kopf watches our own kinds and hands each event over as it is."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

import kopf

from trading_operator.cluster.credentials import Credentials
from trading_operator.cluster.watchsession import open_watch_session
from trading_operator.handlers.frame import Frame, Patience
from trading_operator.handlers.storages import NoDiffBase, NoProgress
from trading_operator.kinds import OBJECTS

Take = Callable[[str | None, dict[str, Any]], None]

SILENCE_SECONDS: Final = 30.0
STREAM_SECONDS: Final = 25
ENDING_SECONDS: Final = 3.0
"""How long kopf may take to end."""
PAGE: Final = 250
IDLE_SECONDS: Final = 0.05
"""How long kopf keeps the queue and the task of an object without events: at the start there is one for each object."""


def build_registry(
    take: Take,
    listed: Callable[[], None],
    served: Callable[[], Awaitable[None]],
    load_credentials: Callable[[], Credentials],
) -> kopf.OperatorRegistry:
    """Return what kopf is to do: wait for our own kinds, log in, and pass on their events."""
    registry = kopf.OperatorRegistry()

    @kopf.on.startup(registry=registry, id="served")
    async def wait_until_served(**_: object) -> None:
        await served()  # what is not served as it starts, kopf leaves out until its end

    @kopf.on.login(registry=registry)
    async def log_in(**_: object) -> kopf.AiohttpSession:
        credentials = load_credentials()
        return kopf.AiohttpSession(server=credentials.server, aiohttp_session=open_watch_session(credentials, listed))

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
    take: Take,
    listed: Callable[[], None],
    served: Callable[[], Coroutine[None, None, None]],
    load_credentials: Callable[[], Credentials],
    namespaces: tuple[str, ...],
    *,
    selector: str = "",
) -> None:
    """Hand events over to the running loop until cancelled, whatever happens to kopf.

    `listed` is called when kopf has listed a kind: what went before that, it does not tell. `served` comes back once
    the API server serves our kinds: a definition may be deleted and come again.
    """
    loop = asyncio.get_running_loop()

    def hand_over(event_type: str | None, body: dict[str, Any]) -> None:
        loop.call_soon_threadsafe(take, event_type, body)

    def tell_listed() -> None:
        loop.call_soon_threadsafe(listed)

    async def wait_until_served() -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(served(), loop))

    registry = build_registry(hand_over, tell_listed, wait_until_served, load_credentials)
    frame = Frame(registry, build_settings(selector), namespaces)
    ended = asyncio.Event()

    def run() -> None:
        frame.run()
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(ended.set)

    # A daemon: kopf may hang in its own end, and must not keep the operator from its.
    threading.Thread(target=run, name="kopf", daemon=True).start()
    try:
        await ended.wait()
    finally:
        frame.end()
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), ENDING_SECONDS)
