"""Our operator as a process of its own, and when it has caught up."""

import asyncio
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bench.operator.program import Program
from trading_operator.cluster.session import USER_AGENT

USER_AGENTS: Final = (USER_AGENT,)
"""What its requests call themselves; kopf's only watch."""
READY: Final = 200
EVERY_SECONDS: Final = 0.03
LONGEST_SECONDS: Final = 600.0
"""From its start: the longest is to make a whole fleet."""
_DEPTH: Final = "trading_operator_queue_depth"
_PASSES: Final = "trading_operator_reconcile_total"


class LateError(Exception):
    """The operator did not get there in time."""


@dataclass(slots=True)
class Ours:
    """One run of our operator."""

    program: Program
    port: int

    @classmethod
    def on(cls, kubeconfig: Path, log: Path, **settings: str) -> "Ours":
        """Return an operator over all namespaces, not started yet."""
        port = _free_port()
        environment = {
            "KUBECONFIG": str(kubeconfig),
            "TRADING_OPERATOR_PORT": str(port),
            "TRADING_OPERATOR_NAMESPACES": "",
            **settings,
        }
        return cls(Program((sys.executable, "-m", "bench.operator.engine"), log, environment), port)

    async def start(self) -> float:
        """Start and return when it was ready."""
        await self.program.start()
        return await self.answers("readyz")

    async def answers(self, page: str) -> float:
        """Return when a page answered that all is well."""
        async with aiohttp.ClientSession() as http:
            while not await self._get(http, page):
                await self._pause(page)
        return time.monotonic()

    async def in_sync(self, objects: int, rest_seconds: float = 0.0) -> float:
        """Return since when every object had a pass, none waits, and, for so long, none had another."""
        async with aiohttp.ClientSession() as http:
            before, since = -1.0, 0.0
            while True:
                seen = time.monotonic()
                depth, passes = await self.queue(http)
                if passes != before or depth:
                    before, since = passes, seen
                elif passes >= objects and seen - since >= rest_seconds:
                    return since
                await self._pause(f"in sync: {passes:.0f} passes, {depth:.0f} wait")

    async def has_made(self, passes: int) -> None:
        """Return when there were so many passes since the start, whatever waits."""
        async with aiohttp.ClientSession() as http:
            while (made := (await self.queue(http))[1]) < passes:
                await self._pause(f"{passes} passes: {made:.0f} by now")

    async def queue(self, http: aiohttp.ClientSession) -> tuple[float, float]:
        """Return how many objects wait, and how many passes there were."""
        text = await self._get(http, f"metrics?name[]={_DEPTH}&name[]={_PASSES}")
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        return tuple(sum(sample.value for sample in samples if sample.name == name) for name in (_DEPTH, _PASSES))  # type: ignore[return-value]  # two names, two sums

    async def _pause(self, what: str) -> None:
        _ = self.program.running
        if time.monotonic() - self.program.started > LONGEST_SECONDS:
            raise LateError(what)
        await asyncio.sleep(EVERY_SECONDS)

    async def _get(self, http: aiohttp.ClientSession, page: str) -> str:
        try:
            async with http.get(f"http://127.0.0.1:{self.port}/{page}") as answer:
                return await answer.text() if answer.status == READY else ""
        except aiohttp.ClientError:
            return ""


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
