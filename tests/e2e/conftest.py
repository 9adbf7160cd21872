"""A real node with the real images and the chart, shared by the end-to-end tests; each test file has a namespace."""

import os
from collections.abc import Iterator

import pytest

from devcluster.backend import External, choose_backend, kubectl_for
from devcluster.errors import PrerequisiteError
from devcluster.images import IMAGES, build_images
from devcluster.instance import cache_root
from devcluster.kubectl import Kubectl

INSTANCE = "e2e"
RELEASE = "trading-operator"
OPERATOR_NAMESPACE = "operator"
NAMESPACES = ("signals", "faults", "lifecycle", "mistakes")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def kubectl() -> Iterator[Kubectl]:
    """kubectl for a node that has the operator, watching one namespace per test file."""
    cluster = choose_backend(cache_root(), INSTANCE)
    if isinstance(cluster, External):
        pytest.skip("KUBECONFIG names a cluster that this test cannot bring images to; unset it to run these tests")
    try:
        cluster.up("node")
    except PrerequisiteError as error:
        pytest.skip(f"pods cannot run here: {error}")
    build_images(cache_root(), IMAGES)
    for image in IMAGES.values():
        cluster.load_image(image)
    kubectl = kubectl_for(INSTANCE)
    install_operator(kubectl)
    yield kubectl
    if not os.environ.get("KEEP_CLUSTER"):
        cluster.down()


def install_operator(kubectl: Kubectl) -> None:
    """Install the chart, watching the namespaces of the tests, each of which admits only restricted pods."""
    for namespace in (OPERATOR_NAMESPACE, *NAMESPACES):
        if kubectl.find("namespace", namespace) is None:
            kubectl("create", "namespace", namespace)
        kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted", "--overwrite")
    watched = f"watchNamespaces={{{','.join(NAMESPACES)}}}"
    where = ("--namespace", OPERATOR_NAMESPACE)
    kubectl.helm("upgrade", "--install", RELEASE, "charts/trading-operator", *where, "--set", watched, "--wait")
