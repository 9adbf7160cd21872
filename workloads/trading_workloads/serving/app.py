"""What every service answers: whether it lives, whether it is ready, what it measures; and how it is served."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version

import orjson
import uvicorn
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from trading_workloads.serving.metrics import RequestMetrics
from trading_workloads.serving.problem import add_problem_handlers

Readiness = Callable[[], Awaitable[list[str]]]
"""Asks what stands in the way of being ready; nothing when the service is."""

GRACE_SECONDS = 1
"""How long requests may take after SIGTERM."""


def json_response(content: object, status: int = 200) -> Response:
    """Return an answer encoded by orjson; FastAPI's own encoder takes many times longer."""
    return Response(orjson.dumps(content), status_code=status, media_type="application/json")


def service_app(title: str, run: AbstractAsyncContextManager[None], obstacles: Readiness) -> FastAPI:
    """Return an application with `/health`, `/ready` and `/metrics`; `run` is entered while it serves."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with run:
            yield

    app = FastAPI(title=title, version=version("signal-trading-operator"), lifespan=lifespan)
    app.add_middleware(RequestMetrics)
    add_problem_handlers(app)

    @app.get("/health", tags=["probes"])
    async def health() -> Response:
        """Say that the process lives and its loop turns."""
        return json_response({"status": "alive"})

    @app.get("/ready", tags=["probes"])
    async def ready() -> Response:
        """Say whether the service does its work, and if not, what stands in the way."""
        found = await obstacles()
        return json_response({"ready": not found, "obstacles": found}, 503 if found else 200)

    @app.get("/metrics", tags=["probes"])
    async def metrics() -> Response:
        """Return what is measured, in the text format of Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app


def serve(app: FastAPI, port: int) -> None:
    """Serve on all addresses until SIGTERM or SIGINT; logs go where the process's own go."""
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104 - a pod is reached by its address
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
