"""Deployments of workloads."""

from typing import Literal

from kubernetes.client import (
    V1Deployment,
    V1DeploymentSpec,
    V1DeploymentStrategy,
    V1RollingUpdateDeployment,
)

from trading_operator.defaults import HISTORY_LIMIT, PROGRESS_SECONDS
from trading_operator.desired.metadata import child_metadata, selector_of
from trading_operator.desired.pod import Workload, build_pod_template

Update = Literal["Replace", "Overlap"]
"""Replace: the old pod goes before the new one comes. Overlap: the new one is ready first."""


def build_deployment(workload: Workload, name: str, replicas: int, update: Update) -> V1Deployment:
    """Return the Deployment that keeps the pods of a workload."""
    return V1Deployment(
        api_version="apps/v1",
        kind="Deployment",
        metadata=child_metadata(workload.owner, name, workload.component),
        spec=V1DeploymentSpec(
            replicas=replicas,
            revision_history_limit=HISTORY_LIMIT,
            progress_deadline_seconds=PROGRESS_SECONDS,
            selector=selector_of(workload.owner, workload.component),
            strategy=_update_strategy(update),
            template=build_pod_template(workload),
        ),
    )


def _update_strategy(update: Update) -> V1DeploymentStrategy:
    if update == "Replace":
        return V1DeploymentStrategy(type="Recreate")
    return V1DeploymentStrategy(
        type="RollingUpdate", rolling_update=V1RollingUpdateDeployment(max_surge=1, max_unavailable=0)
    )
