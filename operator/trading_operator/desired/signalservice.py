"""The service that runs the Shared strategies and answers for signals."""

from collections.abc import Iterable

from kubernetes.client import V1ConfigMap, V1Deployment, V1Service, V1ServiceAccount

from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import Catalog
from trading_operator.desired.configuration import build_config_map, runner_files
from trading_operator.desired.deployment import build_deployment
from trading_operator.desired.pod import service_workload
from trading_operator.desired.replicas import replicas_of
from trading_operator.desired.service import build_account, build_service
from trading_workloads.contract import HTTP_PORT, SIGNAL_SERVICE, StrategyDocument


def build_signal_account(system: TradingSystem) -> V1ServiceAccount | None:
    return build_account(system, SIGNAL_SERVICE, SIGNAL_SERVICE) if system.spec.services.signal.enabled else None


def build_signal_service(system: TradingSystem) -> V1Service | None:
    if not system.spec.services.signal.enabled:
        return None
    return build_service(system, SIGNAL_SERVICE, SIGNAL_SERVICE, "http", HTTP_PORT)


def build_pool(system: TradingSystem, shared: Iterable[StrategyDocument]) -> V1ConfigMap | None:
    """Return the ConfigMap with every Shared strategy. Changes are pushed too, so it restarts no pod."""
    if not system.spec.services.signal.enabled:
        return None
    files = runner_files(shared, system.spec.trading.state)
    return build_config_map(system, SIGNAL_SERVICE, SIGNAL_SERVICE, files)


def build_signal_deployment(system: TradingSystem, catalog: Catalog) -> V1Deployment | None:
    """Return the pods of the runner pool."""
    service = system.spec.services.signal
    if not service.enabled:
        return None
    workload = service_workload(system, SIGNAL_SERVICE, "signal", service, catalog, with_token=True)
    return build_deployment(workload, SIGNAL_SERVICE, replicas_of(service), update="Overlap")
