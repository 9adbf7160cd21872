"""A control plane for tests: API server, etcd and controllers with our definitions, and no pods."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devcluster.backend import External, choose_backend, kubectl_for
from devcluster.commands import wait_until
from devcluster.errors import CommandError, PrerequisiteError
from devcluster.instance import cache_root
from devcluster.kubectl import Kubectl
from trading_operator.api.base import GROUP, VERSION
from trading_operator.kinds import OBJECTS

KINDS = {kind.plural for kind in OBJECTS}
DEFINITIONS = Path(__file__).parents[1] / "crds"


@contextmanager
def control_plane(instance: str) -> Iterator[Kubectl]:
    """Give kubectl for an instance of a name; skip the test where none can run."""
    cluster = choose_backend(cache_root(), instance)
    try:
        cluster.up("control-plane")
    except PrerequisiteError as error:
        pytest.skip(f"no API server can run here: {error}")
    kubectl = kubectl_for(instance)
    kubectl("apply", "--server-side", f"--filename={DEFINITIONS}")
    wait_until(
        lambda: served(kubectl) >= KINDS, what=f"{GROUP}: {', '.join(sorted(KINDS))} served", seconds=30, every=0.1
    )
    yield kubectl
    if not os.environ.get("KEEP_CLUSTER") and not isinstance(cluster, External):
        cluster.down()


def served(kubectl: Kubectl) -> set[str]:
    """Return the plurals of our kinds that the API server serves."""
    try:
        return {resource["name"] for resource in kubectl.raw(f"/apis/{GROUP}/{VERSION}")["resources"]}
    except CommandError:  # the group is not there before its first kind
        return set()
