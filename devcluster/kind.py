"""kind, where a Docker engine answers: the usual tool for a Kubernetes in containers."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from devcluster.addons import install_metrics_server
from devcluster.binaries import METRICS_SERVER, ensure_programs
from devcluster.clients import ensure_clients
from devcluster.commands import run
from devcluster.kubectl import Kubectl
from devcluster.locking import exclusive
from devcluster.progress import say, step
from devcluster.scratchimage import ensure_program_image
from devcluster.toolchain import go_program

MODULE = "sigs.k8s.io/kind@v0.33.0"


@dataclass(frozen=True, slots=True)
class Kind:
    """A cluster of kind; it always runs pods, and has metrics-server where a node was asked for."""

    name: str
    root: Path

    @property
    def cluster(self) -> str:
        return f"devcluster-{self.name}"

    def up(self, size: str) -> None:
        with exclusive(self.root / "locks", f"kind-{self.name}"):
            if self._exists():
                say(f"{self.name} is already up, on kind.")
                return
            with step(f"a {size} on kind"):
                self.kubeconfig().parent.mkdir(parents=True, exist_ok=True)
                options = ["--name", self.cluster, "--kubeconfig", str(self.kubeconfig()), "--wait", "180s"]
                self._kind("create", "cluster", *options)
            if size == "node":
                self._add_metrics_server()
        say(f"{self.name} is up. export KUBECONFIG={self.kubeconfig()}")

    def down(self) -> None:
        with exclusive(self.root / "locks", f"kind-{self.name}"):
            self._kind("delete", "cluster", "--name", self.cluster, "--kubeconfig", str(self.kubeconfig()))
            self.kubeconfig().unlink(missing_ok=True)

    def kubeconfig(self) -> Path:
        return self.root / "kind" / f"{self.name}.kubeconfig"

    def load_image(self, reference: str) -> None:
        with step(f"loading {reference}"):
            self._kind("load", "docker-image", reference, "--name", self.cluster)

    def describe(self) -> dict[str, str]:
        state = "up" if self._exists() else "not there"
        return {"backend": "kind", "state": state, "kubeconfig": str(self.kubeconfig())}

    def _add_metrics_server(self) -> None:
        """Add the one thing that kind lacks and autoscalers need, from the same Go module as the home-built node's."""
        programs = ensure_programs(self.root, [METRICS_SERVER])
        archive = ensure_program_image(programs, METRICS_SERVER.name)
        self._kind("load", "image-archive", str(archive), "--name", self.cluster)
        install_metrics_server(Kubectl(ensure_clients(self.root), self.kubeconfig()))

    def _exists(self) -> bool:
        return self.cluster in self._kind("get", "clusters").split()

    def _kind(self, *arguments: str) -> str:
        return run([kind_program(self.root), *arguments], purpose=f"{arguments[0]} {arguments[1]} with kind")


def kind_program(root: Path) -> Path:
    """Return kind: the machine's own, or one that is built from its Go module."""
    if found := shutil.which("kind"):
        return Path(found)
    folder = root / "kind" / MODULE.rpartition("@")[2]
    if not (folder / "kind").exists():
        with exclusive(root / "locks", "kind"), step(f"building {MODULE}"):
            folder.mkdir(parents=True, exist_ok=True)
            environ = {**os.environ, "GOBIN": str(folder), "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
            run([go_program(root), "install", MODULE], purpose="build kind", env=environ)
    return folder / "kind"
