"""How many pods a service has."""

from trading_operator.api.services import Service
from trading_operator.defaults import REPLICAS_AT_MOST


def replicas_of(service: Service) -> int:
    """Return the number of pods: what is asked for, else one, and no more than this release runs."""
    return min(1 if service.replicas is None else service.replicas, REPLICAS_AT_MOST)
