"""Start of a pod that runs one strategy, the one that its environment names."""

import os

from fastapi import FastAPI

from trading_workloads.contract import STRATEGY_VARIABLE
from trading_workloads.logs import configure_logging
from trading_workloads.runner.control import Document
from trading_workloads.runner.service import build_pool_service, placement_of
from trading_workloads.serving.app import serve, service_app
from trading_workloads.settings import Settings, read_settings_or_exit


def build_app(settings: Settings) -> FastAPI:
    """Return the application with probes and metrics; the strategy that the settings name runs while it serves."""

    def chosen(document: Document) -> bool:
        return document.name == settings.strategy and placement_of(document) == "Dedicated"

    service = build_pool_service(settings, chosen, keeps_control=False)
    return service_app(f"strategy {settings.strategy}", service.run(), service.obstacles)


def main() -> None:
    """Serve until SIGTERM."""
    settings = read_settings_or_exit(os.environ)
    if settings.strategy is None:
        raise SystemExit(f"{STRATEGY_VARIABLE}: found nothing, expected the name of the strategy that this pod runs")
    configure_logging(settings.log_level)
    serve(build_app(settings), settings.port)
