"""kopf watches our own kinds and hands each event over as it is."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

import kopf

from trading_operator.cluster.credentials import Credentials
from trading_operator.cluster.watchsession import Pulse, TakeStock, beat, open_watch_session
from trading_operator.handlers.frame import Frame, Patience
from trading_operator.handlers.storages import NoDiffBase, NoProgress
from trading_operator.kinds import OBJECTS
from trading_operator.stock import Stock

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Take = Callable[[str | None, dict[str, Any]], None]

SILENCE_SECONDS: Final = 30.0
STREAM_SECONDS: Final = 25
ANSWER_SECONDS: Final = 30.0
"""How long kopf waits for any other answer, by default five minutes: it is to ask again while it is alive."""
CONNECT_SECONDS: Final = 5.0
ENDING_SECONDS: Final = 3.0
"""How long kopf may take to end."""
BEAT_SECONDS: Final = 1.0
HUNG_SECONDS: Final = 60.0
"""Twice as long as kopf takes for anything: a silence, an answer, a pause."""
IDLE_SECONDS: Final = 0.05
"""How long kopf keeps the queue and the task of an object without events."""


def build_registry(
    take: Take,
    take_stock: TakeStock,
    served: Callable[[], Awaitable[None]],
    pulses: Sequence[Pulse],
    load_credentials: Callable[[], Credentials],
) -> kopf.OperatorRegistry:
    """Return what kopf is to do: wait for our own kinds, log in, and pass on their events."""
    registry = kopf.OperatorRegistry()

    @kopf.on.startup(registry=registry, id="served")
    async def wait_until_served(**_: object) -> None:
        # What is not served as it starts, kopf leaves out until its end.
        waiting = asyncio.ensure_future(served())
        while not waiting.done():
            beat(pulses)
            await asyncio.wait({waiting}, timeout=BEAT_SECONDS)
        await waiting

    @kopf.on.login(registry=registry)
    async def log_in(**_: object) -> kopf.AiohttpSession:
        credentials = load_credentials()
        session = open_watch_session(credentials, take_stock, pulses)
        return kopf.AiohttpSession(server=credentials.server, aiohttp_session=session)

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
    settings.watching.initial_streaming = True  # it is made a watch from our own listing: see watchsession
    settings.networking.request_timeout = ANSWER_SECONDS
    settings.networking.connect_timeout = CONNECT_SECONDS
    settings.queueing.idle_timeout = IDLE_SECONDS
    if selector:
        for kind in OBJECTS:
            settings.watching.label_selectors[kind.group, kind.plural] = selector
    settings.networking.error_backoffs = Patience()
    return settings


async def follow_objects(
    stock: Stock,
    pulses: Sequence[Pulse],
    load_credentials: Callable[[], Credentials],
    namespaces: tuple[str, ...],
    selector: str = "",
) -> None:
    """Bring events into the stock's inbox until cancelled, whatever happens to kopf.

    kopf goes on from what the stock lists, in the loop that calls. Whether it does anything is noted in `pulses`.
    """
    loop = asyncio.get_running_loop()

    def hand_over(event_type: str | None, body: dict[str, Any]) -> None:
        loop.call_soon_threadsafe(stock.inbox.take, event_type, body)

    async def here(work: Coroutine[Any, Any, Answer]) -> Answer:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))

    while True:
        beat(pulses)
        registry = build_registry(
            hand_over,
            lambda kind, namespace: here(stock.take_to_follow(kind, namespace)),
            lambda: here(stock.wait_for_definitions()),
            pulses,
            load_credentials,
        )
        async with _running(Frame(registry, build_settings(selector), namespaces)):
            await _until_it_hangs(pulses)
        log.error("kopf hangs and is left alone; another one is started")


@asynccontextmanager
async def _running(frame: Frame) -> AsyncIterator[None]:
    """Run kopf for the length of a block.

    In a daemon thread: kopf may hang in its own end, and must not keep the operator from its.
    """
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def run() -> None:
        frame.run()
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=run, name="kopf", daemon=True).start()
    try:
        yield
    finally:
        frame.end()
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), ENDING_SECONDS)


async def _until_it_hangs(pulses: Sequence[Pulse]) -> None:
    """Return when kopf has not asked for something that it should watch, not even in vain, for too long."""
    while all(time.monotonic() - pulse.alive < HUNG_SECONDS for pulse in pulses):  # noqa: ASYNC110 - another thread's
        await asyncio.sleep(BEAT_SECONDS)
