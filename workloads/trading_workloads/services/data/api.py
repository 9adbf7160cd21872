"""The data service's own questions and answers."""

from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Query, Response
from redis.asyncio import Redis

from trading_workloads.contract import SystemKeys
from trading_workloads.services.data.hub import DataHub, Running
from trading_workloads.serving.app import json_response
from trading_workloads.store.connection import command
from trading_workloads.times import iso


def add_data_routes(app: FastAPI, hub: DataHub, redis: Redis, keys: SystemKeys) -> None:
    """Add the routes under /api/v1/data."""

    @app.get("/api/v1/data/health", tags=["data"])
    async def data_health() -> Response:
        """Say how each source does."""
        return json_response({"sources": describe_sources(hub)})

    @app.get("/api/v1/data/symbols", tags=["data"])
    async def symbols() -> Response:
        """Return the symbols of each source that runs."""
        running = {name: each.replay.recording for name, each in hub.running.items() if each.replay}
        return json_response({"sources": {name: list(recording.symbols) for name, recording in running.items()}})

    @app.get("/api/v1/data/quality", tags=["data"])
    async def quality(limit: Annotated[int, Query(ge=0, le=1000)] = 20) -> Response:
        """Return how many bars of each source were refused, by reason, and the newest of them."""
        return json_response({"sources": {name: await _quality(redis, keys, name, limit) for name in hub.running}})


def describe_sources(hub: DataHub) -> list[dict[str, Any]]:
    """Return the state of each source: Loading, Running, Finished or Unavailable, and why."""
    described = [_describe(name, running) for name, running in hub.running.items() if name not in hub.problems]
    for name, problem in hub.problems.items():
        described.append({"name": name, "state": "Unavailable", "message": problem})
    return described


def _describe(name: str, running: Running) -> dict[str, Any]:
    replay = running.replay
    if replay is None:
        return {"name": name, "state": "Loading", "message": ""}
    return {
        "name": name,
        "state": "Finished" if replay.finished else "Running",
        "message": "",
        "published": replay.position,
        "total": len(replay.recording.closes),
        "lastBar": iso(replay.last_close_ms) if replay.last_close_ms else "",
    }


async def _quality(redis: Redis, keys: SystemKeys, source: str, limit: int) -> dict[str, Any]:
    counts = await command(redis, "HGETALL", keys.quarantine_counts(source))
    newest = []
    if limit:
        newest = await command(redis, "XREVRANGE", keys.quarantine(source), "+", "-", "COUNT", limit)
    return {
        "refused": {reason.decode(): int(count) for reason, count in counts.items()},
        "newest": [orjson.Fragment(fields[b"refusal"]) for _, fields in newest],
    }
