"""A real API server with our definitions, shared by the integration tests. Where there is none they are skipped."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.backend import External, choose_backend, kubectl_for
from devcluster.errors import PrerequisiteError
from devcluster.instance import cache_root
from devcluster.kubectl import Kubectl

INSTANCE = "integration"
DEFINITIONS = Path(__file__).parents[2] / "crds"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/integration" in str(item.path):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def api_server() -> Iterator[Kubectl]:
    """kubectl for a control plane: API server, etcd and controllers, and no pods."""
    cluster = choose_backend(cache_root(), INSTANCE)
    try:
        cluster.up("control-plane")
    except PrerequisiteError as error:
        pytest.skip(f"no API server can run here: {error}")
    kubectl = kubectl_for(INSTANCE)
    kubectl("apply", "--server-side", f"--filename={DEFINITIONS}")
    kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
    yield kubectl
    if not os.environ.get("KEEP_CLUSTER") and not isinstance(cluster, External):
        cluster.down()
