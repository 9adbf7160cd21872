"""A real Redis for each test, and whole systems of real processes on it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.integration.workloads.floor import KEYS, Floor
from tests.integration.workloads.market import Market
from tests.integration.workloads.redis_server import RedisServer
from tests.integration.workloads.stage import Stage
from trading_workloads.store.connection import connect


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that this test may kill."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(folder)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def stage(redis_server: RedisServer, tmp_path: Path) -> Iterator[Stage]:
    """A system whose processes end with the test."""
    stage = Stage(redis_server, tmp_path)
    yield stage
    stage.close()


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    """A connection to the test's Redis as the workloads make it."""
    client = connect(redis_server.url)
    yield client
    await client.aclose()


@pytest.fixture
async def floor(redis: Redis, tmp_path: Path) -> AsyncIterator[Floor]:
    """A pool in this process, with a market that is open."""
    market = Market(redis, KEYS)
    await market.open()
    folder = tmp_path / "mounted"
    folder.mkdir()
    floor = Floor(redis, market, folder)
    yield floor
    await floor.close()
