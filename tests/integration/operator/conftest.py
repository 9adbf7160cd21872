"""One operator for all tests of this folder; each test file has a namespace of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.kubectl import Kubectl
from tests.integration.operator.process import OperatorProcess, install_account

NAMESPACES = ("children", "drift", "life", "mistakes", "absent")


@pytest.fixture(scope="session")
def account(kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kubeconfig with the operator's rights and no others."""
    return install_account(kubectl, NAMESPACES, tmp_path_factory.mktemp("account"))


@pytest.fixture(scope="session")
def operator(account: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorProcess]:
    """A running operator over all namespaces of the tests; whoever stops it starts it again."""
    process = OperatorProcess(account, NAMESPACES, tmp_path_factory.mktemp("operator") / "log")
    process.start()
    yield process
    assert process.is_running(), process.log.read_text()[-3000:]
    assert process.stop() == 0
