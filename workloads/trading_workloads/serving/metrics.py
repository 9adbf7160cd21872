"""What every service measures about itself: requests, the event loop's lag, memory and CPU."""

import asyncio
import os
import resource
import time
from pathlib import Path
from typing import Final

from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS: Final = Counter("api_requests_total", "Requests answered.", ["method", "route", "code"])
ERRORS: Final = Counter("api_errors_total", "Requests answered by a status of 500 or above.", ["method", "route"])
DURATION: Final = Histogram("request_duration_seconds", "Time from request to answer.", ["method", "route"])
LAG: Final = Histogram(
    "event_loop_lag_seconds",
    "How much later than asked a timer fired.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2),
)
IN_FLIGHT: Final = Gauge("requests_in_flight", "Requests that are being answered.")
MEMORY: Final = Gauge("system_memory_usage_bytes", "Resident memory of the process.")
CPU: Final = Gauge("system_cpu_usage_percent", "CPU of the process since the last look, 100 for one core.")

LAG_INTERVAL_SECONDS: Final = 0.1
_SERVER_ERROR: Final = 500


_answering: Final[set[int]] = set()
IN_FLIGHT.set_function(lambda: len(_answering))


def requests_in_flight() -> bool:
    """Return whether any request is being answered."""
    return bool(_answering)


class RequestMetrics:
    """ASGI middleware that counts and times requests by their route, never by their path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = _SERVER_ERROR
        _answering.add(id(scope))
        started = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            _answering.discard(id(scope))
            route = getattr(scope.get("route"), "path", "unmatched")
            method = scope["method"] if route != "unmatched" else "any"
            REQUESTS.labels(method, route, str(status)).inc()
            DURATION.labels(method, route).observe(time.perf_counter() - started)
            if status >= _SERVER_ERROR:
                ERRORS.labels(method, route).inc()


async def measure_process() -> None:
    """Measure the event loop's lag, memory and CPU until cancelled."""
    clock = asyncio.get_running_loop().time
    looked, used = clock(), time.process_time()
    while True:
        asked = clock()
        await asyncio.sleep(LAG_INTERVAL_SECONDS)
        now = clock()
        LAG.observe(max(0.0, now - asked - LAG_INTERVAL_SECONDS))
        if now - looked >= 1:
            CPU.set(100 * (time.process_time() - used) / (now - looked))
            MEMORY.set(resident_bytes())
            looked, used = now, time.process_time()


def resident_bytes() -> int:
    """Return the resident memory of this process, or its highest value where /proc is missing."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
