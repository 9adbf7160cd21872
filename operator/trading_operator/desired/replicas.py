"""How many pods a service has, and what says so."""

from collections.abc import Mapping
from typing import Any, Final

from trading_operator import labels
from trading_operator.api.services import Service
from trading_operator.defaults import REPLICAS_AT_MOST
from trading_operator.names import REDIS_COMPONENT, RUNNER_COMPONENT
from trading_workloads.contract import DATA_SERVICE, SIGNAL_SERVICE

_FIXED_BY: Final[Mapping[str, str]] = {
    DATA_SERVICE: "spec.services.data.replicas",
    SIGNAL_SERVICE: "spec.services.signal.replicas",
    REDIS_COMPONENT: "spec.redis.managed.topology",
    RUNNER_COMPONENT: "spec.placement",
}


def replicas_of(service: Service) -> int:
    """Return the number of pods: what is asked for, else one, and no more than this release runs."""
    return min(1 if service.replicas is None else service.replicas, REPLICAS_AT_MOST)


def fixed_by(manifest: Mapping[str, Any]) -> str:
    """Return the field of the owner that fixes how many pods a child makes."""
    return _FIXED_BY.get(manifest["metadata"]["labels"][labels.COMPONENT], "spec")
