"""Pods of the workloads' image: environment, mounted configuration, probes, rights."""

from dataclasses import dataclass, field

from kubernetes.client import (
    V1ConfigMapVolumeSource,
    V1Container,
    V1EmptyDirVolumeSource,
    V1EnvVar,
    V1EnvVarSource,
    V1LocalObjectReference,
    V1ObjectFieldSelector,
    V1ObjectMeta,
    V1PodSpec,
    V1PodTemplateSpec,
    V1SecretVolumeSource,
    V1Volume,
    V1VolumeMount,
)

from trading_operator.api.resources import Images, Resources
from trading_operator.api.services import Service
from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import Catalog
from trading_operator.defaults import GRACE_SECONDS, LIVENESS, READINESS, SCRATCH_SIZE, SERVICE_RESOURCES
from trading_operator.desired.container import (
    build_container_security,
    build_http_probe,
    build_pod_security,
    build_port,
    build_resources,
)
from trading_operator.desired.metadata import Owner, child_labels, system_name
from trading_operator.names import TOKEN_SECRET
from trading_workloads import contract


@dataclass(frozen=True, slots=True)
class Workload:
    """What one kind of pod of the workloads' image is told."""

    owner: Owner
    component: str
    command: str
    account: str
    config_map: str
    images: Images
    catalog: Catalog
    resources: Resources
    default_resources: Resources
    log_level: str = "Info"
    with_token: bool = False
    environment: dict[str, str] = field(default_factory=dict)


def service_workload(
    system: TradingSystem, name: str, command: str, service: Service, catalog: Catalog, *, with_token: bool = False
) -> Workload:
    """Return what the pods of one of the system's services are told; account and configuration have its name."""
    return Workload(
        owner=system,
        component=name,
        command=command,
        account=name,
        config_map=name,
        images=system.spec.images,
        catalog=catalog,
        resources=service.resources,
        default_resources=SERVICE_RESOURCES,
        log_level=service.log_level,
        with_token=with_token,
    )


def build_pod_template(workload: Workload) -> V1PodTemplateSpec:
    """Return the pods of a workload: no API token, no right beyond reading its configuration and writing /tmp."""
    return V1PodTemplateSpec(
        metadata=V1ObjectMeta(labels=child_labels(workload.owner, workload.component)),
        spec=V1PodSpec(
            service_account_name=workload.account,
            automount_service_account_token=False,
            enable_service_links=False,
            termination_grace_period_seconds=GRACE_SECONDS,
            security_context=build_pod_security(),
            image_pull_secrets=[V1LocalObjectReference(name=name) for name in workload.images.pull_secrets] or None,
            containers=[_build_container(workload)],
            volumes=_build_volumes(workload),
        ),
    )


def _build_container(workload: Workload) -> V1Container:
    return V1Container(
        name=workload.component,
        image=workload.catalog.workload_image(workload.images),
        image_pull_policy=workload.images.pull_policy,
        args=[workload.command],
        env=_build_environment(workload),
        ports=[build_port("http", contract.HTTP_PORT)],
        liveness_probe=build_http_probe("/health", LIVENESS),
        readiness_probe=build_http_probe("/ready", READINESS),
        resources=build_resources(workload.resources, workload.default_resources),
        security_context=build_container_security(),
        volume_mounts=_build_mounts(workload),
    )


def _build_environment(workload: Workload) -> list[V1EnvVar]:
    pod_name = V1EnvVarSource(field_ref=V1ObjectFieldSelector(api_version="v1", field_path="metadata.name"))
    values = {
        contract.NAMESPACE_VARIABLE: workload.owner.metadata.namespace,
        contract.SYSTEM_VARIABLE: system_name(workload.owner),
        contract.REDIS_URL_VARIABLE: f"redis://{contract.REDIS_SERVICE}:{contract.REDIS_PORT}/0",
        contract.LOG_LEVEL_VARIABLE: workload.log_level,
        **workload.environment,
    }
    return [
        V1EnvVar(name=contract.HOLDER_VARIABLE, value_from=pod_name),
        *(V1EnvVar(name=name, value=value) for name, value in values.items()),
    ]


def _build_mounts(workload: Workload) -> list[V1VolumeMount]:
    mounts = [
        V1VolumeMount(name="tmp", mount_path="/tmp"),  # noqa: S108 - the pod's own scratch volume
        V1VolumeMount(name="config", mount_path=contract.CONFIG_DIRECTORY, read_only=True),
    ]
    if workload.with_token:
        folder = contract.TOKEN_FILE.rpartition("/")[0]
        mounts.append(V1VolumeMount(name="token", mount_path=folder, read_only=True))
    return mounts


def _build_volumes(workload: Workload) -> list[V1Volume]:
    volumes = [
        V1Volume(name="tmp", empty_dir=V1EmptyDirVolumeSource(size_limit=SCRATCH_SIZE)),
        V1Volume(name="config", config_map=V1ConfigMapVolumeSource(name=workload.config_map)),
    ]
    if workload.with_token:
        volumes.append(V1Volume(name="token", secret=V1SecretVolumeSource(secret_name=TOKEN_SECRET)))
    return volumes
