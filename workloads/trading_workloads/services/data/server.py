"""Start of the data service."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from redis.exceptions import RedisError

from trading_workloads.contract import DATA_SERVICE, SYSTEM_FILE
from trading_workloads.logs import configure_logging
from trading_workloads.services.data.api import add_data_routes
from trading_workloads.services.data.hub import DataHub
from trading_workloads.serving.app import serve, service_app
from trading_workloads.serving.metrics import measure_process
from trading_workloads.settings import Settings, read_settings_or_exit
from trading_workloads.store.connection import command, connect, describe
from trading_workloads.tasks import end_tasks


def build_app(settings: Settings) -> FastAPI:
    """Return the application; it publishes while it serves."""
    redis = connect(settings.redis_url)
    hub = DataHub(redis, settings.keys, settings.config_directory / SYSTEM_FILE)

    @asynccontextmanager
    async def run() -> AsyncIterator[None]:
        tasks = [asyncio.create_task(hub.run()), asyncio.create_task(measure_process())]
        yield
        await end_tasks(tasks)
        await redis.aclose()

    async def obstacles() -> list[str]:
        found = list(source_obstacles(hub))
        try:
            await asyncio.wait_for(command(redis, "PING"), 1)
        except (RedisError, TimeoutError) as error:
            found.append(f"Redis: {describe(error)}")
        return found

    app = service_app(DATA_SERVICE, run(), obstacles)
    add_data_routes(app, hub, redis, settings.keys)
    return app


def source_obstacles(hub: DataHub) -> list[str]:
    """Return why the sources do not run; a source that is not available is one only when no other runs."""
    if hub.document_problem is not None:
        return [hub.document_problem]
    if hub.problems and all(name in hub.problems for name in hub.running):
        return list(hub.problems.values())
    waiting = [name for name, each in hub.running.items() if each.replay is None and name not in hub.problems]
    return [f"source {name} is loading" for name in waiting]


def main() -> None:
    """Serve until SIGTERM."""
    settings = read_settings_or_exit(os.environ)
    configure_logging(settings.log_level)
    serve(build_app(settings), settings.port)
