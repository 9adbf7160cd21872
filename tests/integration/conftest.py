"""A real API server with our definitions, shared by the integration tests. Where there is none they are skipped."""

from collections.abc import Iterator

import pytest

from devcluster.kubectl import Kubectl
from tests.controlplane import control_plane

INSTANCE = "integration"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/integration" in str(item.path):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def api_server() -> Iterator[Kubectl]:
    """kubectl for a control plane: API server, etcd and controllers, and no pods."""
    with control_plane(INSTANCE) as kubectl:
        yield kubectl
