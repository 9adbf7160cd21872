"""Containers that pass the Pod Security level `restricted`."""

from kubernetes.client import (
    V1Capabilities,
    V1ContainerPort,
    V1HTTPGetAction,
    V1PodSecurityContext,
    V1Probe,
    V1ResourceRequirements,
    V1SeccompProfile,
    V1SecurityContext,
    V1TCPSocketAction,
)

from trading_operator.api.resources import ResourceAmounts, Resources
from trading_operator.defaults import LIVENESS, READINESS, USER, ProbeTimes
from trading_operator.quantities import parse_quantity


def build_pod_security() -> V1PodSecurityContext:
    return V1PodSecurityContext(
        run_as_non_root=True,
        run_as_user=USER,
        run_as_group=USER,
        fs_group=USER,
        seccomp_profile=V1SeccompProfile(type="RuntimeDefault"),
    )


def build_container_security() -> V1SecurityContext:
    return V1SecurityContext(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        capabilities=V1Capabilities(drop=["ALL"]),
    )


def build_port(name: str, port: int) -> V1ContainerPort:
    return V1ContainerPort(name=name, container_port=port, protocol="TCP")


def build_http_probe(path: str, times: ProbeTimes) -> V1Probe:
    return _timed(V1Probe(http_get=V1HTTPGetAction(path=path, port="http")), times)


def build_socket_probe(port: str) -> V1Probe:
    return _timed(V1Probe(tcp_socket=V1TCPSocketAction(port=port)), LIVENESS)


def build_command_probe(command: list[str]) -> V1Probe:
    """Return a readiness probe by a command. The model wants `exec` as a document: Python's name for it is dropped."""
    return _timed(V1Probe.model_validate({"exec": {"command": command}}), READINESS)


def _timed(probe: V1Probe, times: ProbeTimes) -> V1Probe:
    probe.period_seconds = times.period_seconds
    probe.timeout_seconds = times.timeout_seconds
    probe.failure_threshold = times.failure_threshold
    return probe


def build_resources(asked: Resources, defaults: Resources) -> V1ResourceRequirements:
    """Return requests and limits, each amount from the object, else the default; a default yields to what is asked."""
    requests, limits = {}, {}
    for name in ResourceAmounts.model_fields:
        limit: str = getattr(asked.limits, name) or getattr(defaults.limits, name)
        requests[name] = getattr(asked.requests, name) or _smaller(getattr(defaults.requests, name), limit)
        limits[name] = getattr(asked.limits, name) or _larger(limit, requests[name])
    return V1ResourceRequirements(requests=requests, limits=limits)


def _smaller(one: str, other: str) -> str:
    return min(one, other, key=parse_quantity)


def _larger(one: str, other: str) -> str:
    return max(one, other, key=parse_quantity)
