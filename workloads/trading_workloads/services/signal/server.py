"""Start of the signal service."""

import os

from fastapi import FastAPI

from trading_workloads.contract import SIGNAL_SERVICE
from trading_workloads.logs import configure_logging
from trading_workloads.runner.service import build_pool_service, placement_of
from trading_workloads.services.signal.api import add_internal_routes, add_signal_routes
from trading_workloads.serving.app import serve, service_app
from trading_workloads.serving.token import TokenCheck
from trading_workloads.settings import Settings, read_settings_or_exit


def build_app(settings: Settings) -> FastAPI:
    """Return the application; the shared strategies run while it serves."""
    service = build_pool_service(settings, lambda document: placement_of(document) == "Shared", keeps_control=True)
    app = service_app(SIGNAL_SERVICE, service.run(), service.obstacles)
    add_signal_routes(app, service.redis, settings.keys, service.instructions)
    add_internal_routes(app, service.redis, settings.keys, service.instructions, TokenCheck(settings.token_file))
    return app


def main() -> None:
    """Serve until SIGTERM."""
    settings = read_settings_or_exit(os.environ)
    configure_logging(settings.log_level)
    serve(build_app(settings), settings.port)
