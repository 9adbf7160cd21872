"""The signal service's answers: signals to everybody, status and control to the operator."""

from typing import Any

import orjson
from fastapi import Depends, FastAPI, Request, Response
from redis.asyncio import Redis

from trading_workloads.contract import CONTROL_PATH, SIGNALS_PATH, STATUS_PATH, SystemKeys
from trading_workloads.runner.control import ControlError
from trading_workloads.runner.instructions import Instructions
from trading_workloads.services.signal.history import read_signals
from trading_workloads.services.signal.query import SignalParameters, SignalParametersQuery, check_query
from trading_workloads.serving.app import json_response
from trading_workloads.serving.problem import Mistake, wrong_request
from trading_workloads.serving.token import TokenCheck
from trading_workloads.store.connection import command


def add_signal_routes(app: FastAPI, redis: Redis, keys: SystemKeys, instructions: Instructions) -> None:
    """Add `GET /api/v1/signals`."""

    @app.get(SIGNALS_PATH, tags=["signals"])
    async def signals(parameters: SignalParametersQuery) -> Response:
        """Return signals, newest first unless asked otherwise, one page at a time."""
        query = check_query(parameters)
        strategies = await _strategies(redis, keys, instructions, parameters)
        page = await read_signals(redis, keys, strategies, query)
        return Response(page.encode(), media_type="application/json")


async def _strategies(
    redis: Redis, keys: SystemKeys, instructions: Instructions, parameters: SignalParameters
) -> list[str]:
    """Return the strategies that a question is about; a name that has never been is a mistake."""
    running = {name.decode() for name in await command(redis, "HKEYS", keys.status())}
    known = sorted(running | instructions.current.strategies.keys())
    asked = parameters.strategy
    if asked is None:
        return known
    if asked not in known and not await command(redis, "EXISTS", keys.signals(asked)):
        expected = f"one of {', '.join(known)}" if known else "a strategy, but this system has none yet"
        raise wrong_request(Mistake("query.strategy", f'"{asked}"', expected))
    return [asked]


def add_internal_routes(
    app: FastAPI, redis: Redis, keys: SystemKeys, instructions: Instructions, token: TokenCheck
) -> None:
    """Add status and control, which need the operator's token."""

    @app.get(STATUS_PATH, dependencies=[Depends(token)], tags=["internal"])
    async def status() -> Response:
        """Return how every strategy runs, and the sources of bars."""
        reports = await _documents(redis, keys.status())
        current = instructions.current
        if instructions.pushed is not None:  # it names every strategy that there is
            reports = {name: report for name, report in reports.items() if name in current.strategies}
        sources = await _documents(redis, keys.sources())
        return json_response({"trading": current.trading, "strategies": reports, "sources": sources})

    @app.put(CONTROL_PATH, dependencies=[Depends(token)], tags=["internal"])
    async def control(request: Request) -> Response:
        """Store what the runners should do, and tell them."""
        try:
            pushed = await instructions.push(await request.body())
        except ControlError as error:
            raise _wrong_body(error) from error
        return json_response({"strategies": len(pushed.strategies), "trading": pushed.trading})


def _wrong_body(error: ControlError) -> Exception:
    where, _, rest = str(error).partition(": found ")
    found, _, expected = rest.partition(", ")
    return wrong_request(Mistake(f"body.{where}", found, expected.removeprefix("expected ")))


async def _documents(redis: Redis, key: str) -> dict[str, Any]:
    written = await command(redis, "HGETALL", key)
    return {name.decode(): orjson.Fragment(document) for name, document in written.items()}
