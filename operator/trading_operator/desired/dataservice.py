"""The service that brings bars in."""

from kubernetes.client import V1ConfigMap, V1Deployment, V1Service, V1ServiceAccount

from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import Catalog
from trading_operator.desired.configuration import build_config_map
from trading_operator.desired.deployment import build_deployment
from trading_operator.desired.manifest import canonical_json
from trading_operator.desired.pod import service_workload
from trading_operator.desired.replicas import replicas_of
from trading_operator.desired.service import build_account, build_service
from trading_workloads.contract import DATA_SERVICE, HTTP_PORT, SYSTEM_FILE


def build_data_account(system: TradingSystem) -> V1ServiceAccount | None:
    return build_account(system, DATA_SERVICE, DATA_SERVICE) if system.spec.services.data.enabled else None


def build_data_service(system: TradingSystem) -> V1Service | None:
    if not system.spec.services.data.enabled:
        return None
    return build_service(system, DATA_SERVICE, DATA_SERVICE, "http", HTTP_PORT)


def build_data_configuration(system: TradingSystem) -> V1ConfigMap | None:
    """Return the ConfigMap with the sources of bars."""
    if not system.spec.services.data.enabled:
        return None
    return build_config_map(system, DATA_SERVICE, DATA_SERVICE, {SYSTEM_FILE: canonical_json(_sources(system))})


def build_data_deployment(system: TradingSystem, catalog: Catalog) -> V1Deployment | None:
    """Return the pods that read the sources; they follow the mounted file, so other sources restart nothing."""
    service = system.spec.services.data
    if not service.enabled:
        return None
    workload = service_workload(system, DATA_SERVICE, "data", service, catalog)
    return build_deployment(workload, DATA_SERVICE, replicas_of(service), update="Replace")


def _sources(system: TradingSystem) -> dict[str, object]:
    return system.spec.services.data.model_dump(mode="json", by_alias=True, include={"sources"}, exclude_none=True)
