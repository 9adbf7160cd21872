"""What children get where the object says nothing."""

from dataclasses import dataclass
from typing import Final

from trading_operator.api.resources import ResourceAmounts, Resources

HISTORY_LIMIT: Final = 3
"""Old ReplicaSets that a Deployment keeps, enough to look back and few enough to read."""
GRACE_SECONDS: Final = 20
"""How long a pod may take to hand its leases back."""
PROGRESS_SECONDS: Final = 300
"""When a rollout that goes nowhere is called failed."""
USER: Final = 65532
"""User and group of every container; the images know it as `nonroot`."""
SCRATCH_SIZE: Final = "64Mi"
"""Most that a pod may write to its /tmp."""
REPLICAS_AT_MOST: Final = 1
"""Replicas of a service in this release: data because of its volume, signal until the pool has shards."""


@dataclass(frozen=True, slots=True)
class ProbeTimes:
    """How often and how patiently a container is asked."""

    period_seconds: int
    timeout_seconds: int
    failure_threshold: int


LIVENESS: Final = ProbeTimes(period_seconds=10, timeout_seconds=3, failure_threshold=6)
READINESS: Final = ProbeTimes(period_seconds=2, timeout_seconds=3, failure_threshold=3)

REDIS_RESOURCES: Final = Resources(
    requests=ResourceAmounts(cpu="50m", memory="64Mi"), limits=ResourceAmounts(cpu="1", memory="512Mi")
)
SERVICE_RESOURCES: Final = Resources(
    requests=ResourceAmounts(cpu="50m", memory="128Mi"), limits=ResourceAmounts(cpu="1", memory="512Mi")
)
RUNNER_RESOURCES: Final = Resources(
    requests=ResourceAmounts(cpu="50m", memory="128Mi"), limits=ResourceAmounts(cpu="1", memory="512Mi")
)
