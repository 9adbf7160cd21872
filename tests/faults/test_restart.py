"""R2: the API server itself is killed in the middle of a change, and comes back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from devcluster.binaries import programs_folder
from devcluster.controlplane import api_server_command, api_server_is_ready
from devcluster.instance import Instance, cache_root, load_instance
from devcluster.kubectl import Kubectl
from tests.faults.arena import Arena
from tests.faults.bound import Bound
from tests.faults.conftest import INSTANCE
from tests.faults.convergence import heal
from tests.faults.trials import CHANGE, FAULT_SECONDS, HEALED_SECONDS, learn_expectations, settled
from tests.faults.waiting import until
from tests.integration.operator.process import wait_for


@pytest.fixture
def instance(api_server: Kubectl) -> Iterator[Instance]:  # noqa: ARG001 - which has brought it up
    """The control plane whose API server may be killed; it has one again afterwards."""
    found = load_instance(cache_root(), INSTANCE)
    if found is None:
        pytest.skip("the API server is not this machine's own process: it belongs to KUBECONFIG's cluster, or to kind")
    yield found
    wait_for(lambda: api_server_is_ready(found), "the API server is ready again", 60)


@asynccontextmanager
async def absent_api_server(instance: Instance) -> AsyncIterator[None]:
    """Kill the API server; start it again at the end, and wait until it and the controllers work."""
    process = instance.process("kube-apiserver")
    command = api_server_command(instance, programs_folder(instance.root), with_node=False)
    process.stop(grace_seconds=0)
    try:
        yield
    finally:
        process.start(command)
        await until(lambda: api_server_is_ready(instance), "the API server is ready", 60)


async def test_operator_heals_after_a_restart_of_the_api_server(arena: Arena, instance: Instance) -> None:
    async with arena.api_server:
        expected = await learn_expectations(arena)
        subject = await settled(arena, expected)
        try:
            mark = subject.ledger.mark()
            await CHANGE.act(subject)
            async with absent_api_server(instance):
                await asyncio.sleep(FAULT_SECONDS)
                during = subject.ledger.verbs(mark)
            await heal(subject, expected.change, HEALED_SECONDS)
            assert not Bound().excess(during), f"a hot loop while it was away: {dict(during)}"
        finally:
            await subject.stop()
