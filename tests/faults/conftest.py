"""A control plane of this folder's own, because its API server is restarted, and operators that can be killed."""

import asyncio
import os
import secrets
from collections.abc import Iterator

import pytest
import yaml

from devcluster.kubectl import Kubectl
from tests.controlplane import control_plane
from tests.faults.agenda import Agenda
from tests.faults.apiserver import ApiServer
from tests.faults.arena import Arena
from tests.faults.fleet import Fleet
from tests.faults.points import POINT_VARIABLE, parse_point
from tests.faults.report import AGENDA, write_report
from tests.faults.sweep import sweep
from tests.integration.operator.process import install_account

INSTANCE = "faults"
NAMESPACES = 120
"""One for each operator, and some for walks that take over where others failed."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and "api_server" in item.fixturenames:
            item.add_marker(pytest.mark.integration)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    write_report(terminalreporter, config.stash)


@pytest.fixture(scope="session")
def api_server() -> Iterator[Kubectl]:
    """kubectl for this folder's control plane."""
    with control_plane(INSTANCE) as kubectl:
        yield kubectl


@pytest.fixture(scope="session")
def fleet() -> Iterator[Fleet]:
    with Fleet() as fleet:
        yield fleet


@pytest.fixture(scope="session")
def arena(api_server: Kubectl, fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    """Namespaces in which the operator's account has its rights, and what operators need to run in them."""
    run = secrets.token_hex(3)
    names = tuple(f"faults-{run}-{number:03}" for number in range(NAMESPACES))
    folder = tmp_path_factory.mktemp("operators")
    account = install_account(api_server, names, folder)
    token = yaml.safe_load(account.read_text())["users"][0]["user"]["token"]
    return Arena(ApiServer(api_server.kubeconfig), fleet, token, folder, iter(names))


@pytest.fixture(scope="session")
def agenda(arena: Arena, pytestconfig: pytest.Config) -> Agenda:
    """The points of the sweep and what became of each."""
    named = os.environ.get(POINT_VARIABLE)
    agenda = pytestconfig.stash[AGENDA] = Agenda(parse_point(named) if named else None)

    async def run() -> None:
        async with arena.api_server:
            await sweep(arena, agenda)

    asyncio.run(run())
    return agenda
