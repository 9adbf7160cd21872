"""A pool in the test's own event loop, on a real Redis, with bars that the test publishes."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from tests.integration.workloads.expected import without_emission
from tests.integration.workloads.market import Market
from trading_workloads.contract import SystemKeys
from trading_workloads.runner.control import Document, MountedDocuments
from trading_workloads.runner.instructions import Instructions
from trading_workloads.runner.pacer import Pacer
from trading_workloads.runner.pool import Pool
from trading_workloads.store.connection import command
from trading_workloads.tasks import end_tasks

KEYS = SystemKeys("tests", "system")


async def wait_until(claim: Callable[[], Any], what: str, seconds: float = 10) -> None:
    """Wait until an awaitable claim is true; fail after so many seconds, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while not await claim():
        assert time.monotonic() < deadline, f"after {seconds} s: {what}"
        await asyncio.sleep(0.01)


@dataclass(slots=True)
class Floor:
    """One pool, its market, and what it wrote."""

    redis: Redis
    market: Market
    directory: Path
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)

    def start(
        self, holder: str = "pod", chosen: Callable[[Document], bool] = lambda _: True, pacer: Pacer | None = None
    ) -> Pool:
        """Start a pool that follows pushed documents and the files in the folder."""
        instructions = Instructions(self.redis, KEYS, MountedDocuments(self.directory), keep=True)
        pool = Pool(self.redis, KEYS, holder, 1.0, instructions, chosen, pacer or Pacer())
        self.pools.append(pool)
        self.tasks += [asyncio.create_task(pool.run()), asyncio.create_task(instructions.listen())]
        return pool

    async def push(self, control: dict[str, Any]) -> None:
        """Push a control document as the signal service would."""
        instructions = Instructions(self.redis, KEYS, MountedDocuments(self.directory), keep=False)
        await instructions.push(json.dumps(control).encode())

    async def trade_until(self, bars: int, *strategies: str) -> None:
        """Publish until so many bars are there, and wait until these strategies have seen them."""
        last = await self.market.publish_until(bars)
        for name in strategies or ("cross",):
            await wait_until(lambda name=name: self.is_at(name, last), f"{name} is at bar {bars}")

    async def is_at(self, strategy: str, bar: int) -> bool:
        found = await command(self.redis, "HGET", KEYS.checkpoint(strategy), "bar")
        return bool(found == str(bar).encode())

    async def signals(self, strategy: str = "cross") -> list[dict[str, Any]]:
        entries = await command(self.redis, "XRANGE", KEYS.signals(strategy), "-", "+")
        return [without_emission(json.loads(fields[b"signal"])) for _, fields in entries]

    async def report(self, strategy: str = "cross") -> dict[str, Any]:
        written = await command(self.redis, "HGET", KEYS.status(), strategy)
        return dict(json.loads(written)) if written else {}

    async def wait_for_report(self, strategy: str, **fields: Any) -> dict[str, Any]:
        """Wait until a report has these fields, and return it."""

        async def has() -> bool:
            report = await self.report(strategy)
            return bool(report) and all(report.get(name) == value for name, value in fields.items())

        await wait_until(has, f"a report of {strategy} with {fields}")
        return await self.report(strategy)

    async def close(self) -> None:
        await end_tasks(self.tasks)
