"""Redis as children of a system: one server with an append-only file."""

from kubernetes.client import (
    V1Container,
    V1EmptyDirVolumeSource,
    V1LocalObjectReference,
    V1ObjectMeta,
    V1PersistentVolumeClaim,
    V1PersistentVolumeClaimSpec,
    V1PersistentVolumeClaimVolumeSource,
    V1PodSpec,
    V1PodTemplateSpec,
    V1Service,
    V1ServiceAccount,
    V1StatefulSet,
    V1StatefulSetSpec,
    V1Volume,
    V1VolumeMount,
    V1VolumeResourceRequirements,
)

from trading_operator.api.resources import Resources, Storage
from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import Catalog
from trading_operator.defaults import GRACE_SECONDS, HISTORY_LIMIT, REDIS_RESOURCES
from trading_operator.desired.container import (
    build_command_probe,
    build_container_security,
    build_pod_security,
    build_port,
    build_resources,
    build_socket_probe,
)
from trading_operator.desired.metadata import child_labels, child_metadata, selector_of
from trading_operator.desired.service import build_account, build_service
from trading_operator.names import REDIS_COMPONENT
from trading_workloads.contract import REDIS_PORT, REDIS_SERVICE

_ANSWERS = 'test "$(redis-cli ping)" = PONG'
_ARGUMENTS = [
    "--dir /data",
    "--appendonly yes",
    "--appendfsync everysec",
    '--save ""',
    "--maxmemory-policy noeviction",
    "--protected-mode no",
]


def build_redis_account(system: TradingSystem) -> V1ServiceAccount | None:
    return build_account(system, REDIS_SERVICE, REDIS_COMPONENT) if system.spec.redis.managed else None


def build_redis_service(system: TradingSystem) -> V1Service | None:
    if not system.spec.redis.managed:
        return None
    return build_service(system, REDIS_SERVICE, REDIS_COMPONENT, "redis", REDIS_PORT)


def build_redis_claim(system: TradingSystem) -> V1PersistentVolumeClaim | None:
    """Return the volume claim of the append-only file, or None where the data lives as long as the pod.

    A child of its own rather than a template of the StatefulSet: a template can never be changed.
    """
    if not (storage := _storage(system)):
        return None
    return V1PersistentVolumeClaim(
        api_version="v1",
        kind="PersistentVolumeClaim",
        metadata=child_metadata(system, REDIS_SERVICE, REDIS_COMPONENT),
        spec=V1PersistentVolumeClaimSpec(
            access_modes=["ReadWriteOnce"],
            storage_class_name=storage.storage_class_name or None,
            resources=V1VolumeResourceRequirements(requests={"storage": storage.size}),
        ),
    )


def build_redis_server(system: TradingSystem, catalog: Catalog) -> V1StatefulSet | None:
    """Return the server. A StatefulSet, because two servers must never write one file.

    Pods are managed in parallel: in order, a broken pod would never be replaced by its mended successor.
    """
    if not system.spec.redis.managed:
        return None
    return V1StatefulSet(
        api_version="apps/v1",
        kind="StatefulSet",
        metadata=child_metadata(system, REDIS_SERVICE, REDIS_COMPONENT),
        spec=V1StatefulSetSpec(
            replicas=1,
            service_name=REDIS_SERVICE,
            pod_management_policy="Parallel",
            revision_history_limit=HISTORY_LIMIT,
            selector=selector_of(system, REDIS_COMPONENT),
            template=_build_template(system, catalog),
        ),
    )


def _build_template(system: TradingSystem, catalog: Catalog) -> V1PodTemplateSpec:
    pull_secrets = [V1LocalObjectReference(name=name) for name in system.spec.images.pull_secrets]
    return V1PodTemplateSpec(
        metadata=V1ObjectMeta(labels=child_labels(system, REDIS_COMPONENT)),
        spec=V1PodSpec(
            service_account_name=REDIS_SERVICE,
            automount_service_account_token=False,
            enable_service_links=False,
            termination_grace_period_seconds=GRACE_SECONDS,
            security_context=build_pod_security(),
            image_pull_secrets=pull_secrets or None,
            containers=[_build_container(system, catalog)],
            volumes=[
                V1Volume(name="tmp", empty_dir=V1EmptyDirVolumeSource(size_limit="64Mi")),
                _build_data_volume(_storage(system)),
            ],
        ),
    )


def _build_container(system: TradingSystem, catalog: Catalog) -> V1Container:
    return V1Container(
        name=REDIS_COMPONENT,
        image=catalog.redis,
        image_pull_policy=system.spec.images.pull_policy,
        command=["redis-server"],
        args=[part.replace('""', "") for argument in _ARGUMENTS for part in argument.split(" ", 1)],
        ports=[build_port("redis", REDIS_PORT)],
        liveness_probe=build_socket_probe("redis"),
        readiness_probe=build_command_probe(["sh", "-c", _ANSWERS]),
        resources=build_resources(Resources(), REDIS_RESOURCES),
        security_context=build_container_security(),
        volume_mounts=[
            V1VolumeMount(name="tmp", mount_path="/tmp"),  # noqa: S108 - the pod's own scratch volume
            V1VolumeMount(name="data", mount_path="/data"),
        ],
    )


def _build_data_volume(storage: Storage | None) -> V1Volume:
    if storage:
        claim = V1PersistentVolumeClaimVolumeSource(claim_name=REDIS_SERVICE)
        return V1Volume(name="data", persistent_volume_claim=claim)
    return V1Volume(name="data", empty_dir=V1EmptyDirVolumeSource())


def _storage(system: TradingSystem) -> Storage | None:
    return system.spec.redis.managed.storage if system.spec.redis.managed else None
