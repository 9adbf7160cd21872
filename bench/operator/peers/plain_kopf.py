"""The baseline: an operator as the first page of a tutorial has it, synchronous handlers and the official client."""

import functools
import logging
from collections.abc import Callable
from typing import Any, Final

import kopf
from kubernetes import client, config

from bench.operator.objects import model_of
from bench.operator.synthetic import synthetic_children
from trading_operator.api.base import GROUP, VERSION

Document = dict[str, Any]
_CONFLICT: Final = 409


@functools.cache
def _verbs() -> dict[str, tuple[Callable[..., Any], Callable[..., Any]]]:
    """Return how an object of each kind is created, and how it is changed."""
    core, apps = client.CoreV1Api(), client.AppsV1Api()
    autoscaling, networking = client.AutoscalingV2Api(), client.NetworkingV1Api()
    return {
        "ServiceAccount": (core.create_namespaced_service_account, core.patch_namespaced_service_account),
        "ConfigMap": (core.create_namespaced_config_map, core.patch_namespaced_config_map),
        "Service": (core.create_namespaced_service, core.patch_namespaced_service),
        "Deployment": (apps.create_namespaced_deployment, apps.patch_namespaced_deployment),
        "HorizontalPodAutoscaler": (
            autoscaling.create_namespaced_horizontal_pod_autoscaler,
            autoscaling.patch_namespaced_horizontal_pod_autoscaler,
        ),
        "NetworkPolicy": (networking.create_namespaced_network_policy, networking.patch_namespaced_network_policy),
    }


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: object) -> None:
    """Log in by the kubeconfig, and keep quiet."""
    config.load_kube_config()  # type: ignore[no-untyped-call]  # the loaders have no types
    settings.posting.level = logging.WARNING


@kopf.on.create(GROUP, VERSION, "tradingsystems")
@kopf.on.update(GROUP, VERSION, "tradingsystems")
def make_children(body: kopf.Body, patch: kopf.Patch, **_: object) -> None:
    """Create every child, or patch the one that is there."""
    for child in synthetic_children(model_of(dict(body))):
        del child["metadata"]["ownerReferences"]
        kopf.adopt(child)
        _write(child)
    patch.status["observedGeneration"] = body.metadata["generation"]


def _write(child: Document) -> None:
    create, change = _verbs()[child["kind"]]
    metadata = child["metadata"]
    try:
        create(metadata["namespace"], child)
    except client.ApiException as error:
        if error.status != _CONFLICT:
            raise
        change(metadata["name"], metadata["namespace"], child)
