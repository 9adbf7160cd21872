"""The cluster of the benchmarks: a control plane of its own, with its controllers running, new for every run."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.operator.apiserver import ApiServer
from bench.operator.auditlog import AuditLog
from bench.operator.census import Census, children_followed
from devcluster import homebuilt
from devcluster.clients import ensure_clients
from devcluster.instance import Instance, cache_root
from devcluster.kubectl import Kubectl

INSTANCE: Final = "bench"
DEFINITIONS: Final = Path(__file__).parents[2] / "crds"


@dataclass(frozen=True, slots=True)
class Cluster:
    """What every benchmark works with."""

    kubectl: Kubectl
    api: ApiServer
    children: Census
    audit: AuditLog
    scratch: Path

    @property
    def kubeconfig(self) -> Path:
        return self.kubectl.kubeconfig

    def log(self, name: str) -> Path:
        """Return the file for the words of a contestant."""
        return self.scratch / f"{name}.log"


@asynccontextmanager
async def running_cluster(*, keep: bool) -> AsyncIterator[Cluster]:
    """Give a new cluster, and take it down afterwards; or else the one that is there, and leave it."""
    root = cache_root()
    if not keep:
        homebuilt.down(root, INSTANCE)
    instance = homebuilt.up(root, INSTANCE, "control-plane")
    kubectl = Kubectl(ensure_clients(root), instance.kubeconfig)
    kubectl("apply", "--server-side", f"--filename={DEFINITIONS}")
    kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
    try:
        with tempfile.TemporaryDirectory(prefix="bench-operator-") as scratch:
            async with _entered(instance, kubectl, Path(scratch)) as cluster:
                yield cluster
    finally:
        if not keep:
            homebuilt.down(root, INSTANCE)


@asynccontextmanager
async def _entered(instance: Instance, kubectl: Kubectl, scratch: Path) -> AsyncIterator[Cluster]:
    audit = AuditLog(instance.folder / "log" / "audit.log")
    async with ApiServer(instance.kubeconfig) as api, children_followed(api) as children:
        yield Cluster(kubectl, api, children, audit, scratch)
