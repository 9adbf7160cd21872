"""/metrics, /livez and /readyz."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web
from prometheus_client.exposition import generate_latest

from trading_operator.cluster.watchsession import Pulse
from trading_operator.errors import SettingsError
from trading_operator.metrics import Metrics
from trading_operator.settings import PORT_VARIABLE
from trading_operator.watch import Watcher
from trading_operator.watches import Watches

STUCK_SECONDS: Final = 120.0
"""A watch that did nothing for so long, not even fail, is stuck, and only a restart helps."""
LATE_SECONDS: Final = 20.0
"""An event loop that is so late with its beat does not do its work any more, even if it answers."""
BEAT_SECONDS: Final = 1.0


@dataclass(slots=True)
class Health:
    """What the probes look at. A loop that is blocked answers no probe at all; one that is swamped beats late."""

    watches: Watches | None = None
    pulses: Sequence[Pulse] = ()
    stock_taken: bool = False
    clock: Callable[[], float] = time.monotonic
    beat: float = 0.0
    """When the event loop last came to its beat."""
    _started: float = field(default_factory=time.monotonic)

    def why_not_alive(self) -> str:
        """Return what is stuck, or nothing. An API server that is away is not our illness."""
        now = self.clock()
        if (late := now - max(self.beat, self._started) - BEAT_SECONDS) > LATE_SECONDS:
            return f"the event loop is {late:.0f} s late"
        stuck = [
            watcher.kind.plural for watcher in self.watchers if now - max(watcher.alive, self._started) > STUCK_SECONDS
        ]
        return f"watches are stuck: {', '.join(stuck)}" if stuck else ""

    def why_not_ready(self) -> str:
        """Return what is still missing before the first pass, or nothing."""
        if not self.stock_taken:
            return "objects are not listed yet"
        waiting = self.watches.unsynced() if self.watches else []
        return f"children are not listed yet: {', '.join(waiting)}" if waiting else ""

    @property
    def watchers(self) -> Sequence[Watcher | Pulse]:
        """Every watch there is, kopf's too."""
        return [*(self.watches.watchers if self.watches else ()), *self.pulses]


async def keep_beating(health: Health, metrics: Metrics) -> None:
    """Measure how late the event loop is and how old the watches are, for ever."""
    while True:
        health.beat = now = health.clock()
        metrics.watch_age.set(max((now - watcher.heard for watcher in health.watchers), default=0.0))
        await asyncio.sleep(BEAT_SECONDS)
        metrics.loop_lag.set(max(0.0, health.clock() - now - BEAT_SECONDS))


async def serve_probes(health: Health, metrics: Metrics, port: int) -> web.AppRunner:
    """Serve until the runner that is returned is cleaned up. Raises SettingsError where the port is not free."""

    async def answer(problem: str) -> web.Response:
        return web.Response(text=problem or "ok", status=503 if problem else 200)

    async def livez(_: web.Request) -> web.Response:
        return await answer(health.why_not_alive())

    async def readyz(_: web.Request) -> web.Response:
        return await answer(health.why_not_ready())

    async def exposition(request: web.Request) -> web.Response:
        asked = request.query.getall("name[]", [])
        registry = metrics.registry.restricted_registry(asked) if asked else metrics.registry
        # Thousands of objects have many conditions: written down beside the loop, which goes on.
        return web.Response(body=await asyncio.to_thread(generate_latest, registry), content_type="text/plain")

    app = web.Application()
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", exposition)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, port=port).start()
    except OSError as error:
        await runner.cleanup()
        found = f'found "{port}", where nothing can listen ({error.strerror})'
        raise SettingsError(f"{PORT_VARIABLE}: {found}; expected a free port, or 0 for any") from error
    return runner
