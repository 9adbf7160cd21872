"""One operator for all tests of this folder; each test file has a namespace of its own, new in each run."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devcluster.kubectl import Kubectl
from tests.integration.operator.process import Namespace, OperatorProcess, install_account

RUN = secrets.token_hex(3)
NAMESPACES = tuple(f"{name}-{RUN}" for name in ("children", "drift", "life", "mistakes", "absent", "overruled"))


@pytest.fixture(scope="session")
def account(api_server: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A kubeconfig with the operator's rights and no others."""
    yield install_account(api_server, NAMESPACES, tmp_path_factory.mktemp("account"))
    api_server("delete", "namespace", *NAMESPACES, "--wait=false")


@pytest.fixture(scope="module")
def fresh_namespace(api_server: Kubectl, operator: OperatorProcess) -> Callable[[str], Namespace]:
    """Gives a namespace that the operator watches, by the first part of its name."""
    return lambda name: Namespace(api_server, next(found for found in operator.namespaces if found.startswith(name)))


@pytest.fixture(scope="session")
def operator(account: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorProcess]:
    """A running operator over all namespaces of the tests; whoever stops it starts it again."""
    process = OperatorProcess(account, NAMESPACES, tmp_path_factory.mktemp("operator") / "log")
    process.start()
    yield process
    assert process.is_running(), process.log.read_text()[-3000:]
    assert process.stop() == 0
