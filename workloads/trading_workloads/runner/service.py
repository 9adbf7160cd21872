"""A pool as a part of a process that serves: started with it, stopped with it, and asked whether it works."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from trading_workloads.runner.control import Document, MountedDocuments
from trading_workloads.runner.instructions import Instructions
from trading_workloads.runner.pacer import Pacer
from trading_workloads.runner.pool import Pool
from trading_workloads.serving.metrics import measure_process, requests_in_flight
from trading_workloads.settings import Settings
from trading_workloads.store.connection import command, connect, describe
from trading_workloads.tasks import end_tasks

STALLED_SECONDS: Final = 15.0
"""A pool whose last good turn is longer ago does not run."""
STOP_SECONDS: Final = 0.6


@dataclass(slots=True)
class PoolService:
    """A pool, what it needs, and its life."""

    redis: Redis
    instructions: Instructions
    pool: Pool

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Run the pool while the context is open; leases are given back on the way out."""
        pool = asyncio.create_task(self.pool.run(), name="pool")
        others = [asyncio.create_task(self.instructions.listen()), asyncio.create_task(measure_process())]
        try:
            yield
        finally:
            self.pool.stop()
            await asyncio.wait([pool], timeout=STOP_SECONDS)
            await end_tasks([pool, *others])
            await self.redis.aclose()

    async def obstacles(self) -> list[str]:
        """Return what stands in the way of being ready; leases that another pod holds do not."""
        found = []
        try:
            await asyncio.wait_for(command(self.redis, "PING"), 1)
        except (RedisError, TimeoutError) as error:
            found.append(f"Redis: {describe(error)}")
        if self.pool.clock() - self.pool.last_turn > STALLED_SECONDS:
            found.append("the pool has not taken a turn yet, or not for long")
        return found


def build_pool_service(settings: Settings, chosen: Callable[[Document], bool], *, keeps_control: bool) -> PoolService:
    """Return a pool over the strategies that are chosen; `keeps_control` restores a push that Redis has lost."""
    redis = connect(settings.redis_url)
    mounted = MountedDocuments(settings.config_directory)
    instructions = Instructions(redis, settings.keys, mounted, keep=keeps_control)
    pool = Pool(
        redis, settings.keys, settings.holder, settings.lease_seconds, instructions, chosen, Pacer(requests_in_flight)
    )
    return PoolService(redis, instructions, pool)


def placement_of(document: Document) -> str:
    """Return where a strategy runs; Shared unless its spec says otherwise."""
    return str(document.spec.get("placement", "Shared"))
