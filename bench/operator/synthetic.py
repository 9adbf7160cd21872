"""Thirty typical children of a system, the very same for every contestant: five services of six kinds each.

The children that this release makes are fewer, and more of them with each release; a benchmark must stay comparable.
Every Deployment has no replicas: without a node nothing would run them, and an autoscaler leaves a target with none
alone, so that no contestant has to fight it.
"""

from collections.abc import Sequence
from typing import Final

from kubernetes.client import (
    V1ConfigMap,
    V1Container,
    V1ContainerPort,
    V1Deployment,
    V1DeploymentSpec,
    V1EnvVar,
    V1HTTPGetAction,
    V1LabelSelector,
    V1NetworkPolicy,
    V1NetworkPolicySpec,
    V1ObjectMeta,
    V1PodSecurityContext,
    V1PodSpec,
    V1PodTemplateSpec,
    V1Probe,
    V1ResourceRequirements,
    V1SeccompProfile,
    V1Service,
    V1ServiceAccount,
    V1ServicePort,
    V1ServiceSpec,
    V2CrossVersionObjectReference,
    V2HorizontalPodAutoscaler,
    V2HorizontalPodAutoscalerSpec,
    V2MetricSpec,
    V2MetricTarget,
    V2ResourceMetricSource,
)
from pydantic import BaseModel

from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import Catalog
from trading_operator.desired.manifest import Manifest, manifests_of
from trading_operator.desired.metadata import child_metadata, selector_labels, selector_of
from trading_operator.kinds import (
    AUTOSCALER,
    CONFIG_MAP,
    DEPLOYMENT,
    NETWORK_POLICY,
    SERVICE,
    SERVICE_ACCOUNT,
)
from trading_workloads.contract import StrategyDocument

KINDS: Final = (SERVICE_ACCOUNT, CONFIG_MAP, SERVICE, AUTOSCALER, NETWORK_POLICY, DEPLOYMENT)
COMPONENTS: Final = ("data", "gateway", "signal", "ml", "risk")
CHILDREN: Final = len(KINDS) * len(COMPONENTS)
SETTINGS_BYTES: Final = 500
VARIABLES: Final = 12


def desired_system(
    system: TradingSystem, shared: Sequence[StrategyDocument], catalog: Catalog, token: str
) -> list[Manifest]:
    """Return the thirty children, as a blueprint of the operator does; strategies and images make no difference."""
    del shared, catalog, token
    return synthetic_children(system)


def synthetic_children(system: TradingSystem) -> list[Manifest]:
    """Return the thirty children of a system, as documents."""
    return manifests_of(model for component in COMPONENTS for model in _models_of(system, component))


def _models_of(system: TradingSystem, component: str) -> tuple[BaseModel, ...]:
    metadata = child_metadata(system, f"{system.metadata.name}-{component}", component)
    return (
        V1ServiceAccount(
            api_version="v1", kind="ServiceAccount", metadata=metadata, automount_service_account_token=False
        ),
        _configuration(system, metadata, component),
        _service(system, metadata, component),
        _autoscaler(metadata),
        _network_policy(system, metadata, component),
        _deployment(system, metadata, component),
    )


def _configuration(system: TradingSystem, metadata: V1ObjectMeta, component: str) -> V1ConfigMap:
    """Return settings with a field of the spec in them: an edit of it is an edit of one child."""
    level = f"logLevel={system.spec.services.data.log_level}\n" if component == "data" else "\n"
    data = {"settings": level.rjust(SETTINGS_BYTES, "x")}
    return V1ConfigMap(api_version="v1", kind="ConfigMap", metadata=metadata, data=data)


def _service(system: TradingSystem, metadata: V1ObjectMeta, component: str) -> V1Service:
    port = V1ServicePort(name="http", port=8000, target_port="http", protocol="TCP")
    spec = V1ServiceSpec(selector=selector_labels(system, component), ports=[port])
    return V1Service(api_version="v1", kind="Service", metadata=metadata, spec=spec)


def _autoscaler(metadata: V1ObjectMeta) -> V2HorizontalPodAutoscaler:
    target = V2MetricTarget(type="Utilization", average_utilization=70)
    metric = V2MetricSpec(type="Resource", resource=V2ResourceMetricSource(name="cpu", target=target))
    spec = V2HorizontalPodAutoscalerSpec(
        min_replicas=1,
        max_replicas=3,
        scale_target_ref=V2CrossVersionObjectReference(api_version="apps/v1", kind="Deployment", name=metadata.name),
        metrics=[metric],
    )
    return V2HorizontalPodAutoscaler(
        api_version="autoscaling/v2", kind="HorizontalPodAutoscaler", metadata=metadata, spec=spec
    )


def _network_policy(system: TradingSystem, metadata: V1ObjectMeta, component: str) -> V1NetworkPolicy:
    spec = V1NetworkPolicySpec(pod_selector=selector_of(system, component), policy_types=["Ingress"])
    return V1NetworkPolicy(api_version="networking.k8s.io/v1", kind="NetworkPolicy", metadata=metadata, spec=spec)


def _deployment(system: TradingSystem, metadata: V1ObjectMeta, component: str) -> V1Deployment:
    found = selector_labels(system, component)
    pod = V1PodTemplateSpec(metadata=V1ObjectMeta(labels=found), spec=_pod(str(metadata.name), component))
    spec = V1DeploymentSpec(replicas=0, selector=V1LabelSelector(match_labels=found), template=pod)
    return V1Deployment(api_version="apps/v1", kind="Deployment", metadata=metadata, spec=spec)


def _pod(account: str, component: str) -> V1PodSpec:
    container = V1Container(
        name=component,
        image="localhost/trading-workload:dev",
        ports=[V1ContainerPort(name="http", container_port=8000, protocol="TCP")],
        env=[V1EnvVar(name=f"VARIABLE_{number}", value=str(number)) for number in range(VARIABLES)],
        resources=V1ResourceRequirements(requests={"cpu": "100m", "memory": "128Mi"}, limits={"memory": "256Mi"}),
        readiness_probe=V1Probe(http_get=V1HTTPGetAction(path="/ready", port="http")),
    )
    seccomp = V1SeccompProfile(type="RuntimeDefault")
    return V1PodSpec(
        service_account_name=account,
        security_context=V1PodSecurityContext(run_as_non_root=True, seccomp_profile=seccomp),
        containers=[container],
    )
