"""Which cluster answers the commands: the user's own, kind, or the home-built one."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from devcluster import homebuilt
from devcluster.clients import ensure_clients
from devcluster.commands import succeeds
from devcluster.errors import DevclusterError, UnsupportedError
from devcluster.instance import cache_root, load_instance
from devcluster.kind import Kind
from devcluster.kubectl import Kubectl
from devcluster.progress import say


class Backend(Protocol):
    """What every kind of cluster can be asked."""

    def up(self, size: str) -> None:
        """Bring the cluster up; one that is up is left alone."""

    def down(self) -> None:
        """Remove the cluster; one that is not there is no error."""

    def kubeconfig(self) -> Path:
        """Return the kubeconfig of the administrator."""

    def load_image(self, reference: str) -> None:
        """Make an image of this machine known to the cluster."""

    def describe(self) -> dict[str, str]:
        """Return what there is to know, as labels and values."""


@dataclass(frozen=True, slots=True)
class External:
    """The cluster that KUBECONFIG names: used, and never created, changed or deleted."""

    file: Path
    root: Path

    def up(self, size: str) -> None:
        """Make sure that the cluster answers; its size is what it is."""
        version = self._version()
        say(f"KUBECONFIG names {self.file}; its cluster answers as {version}, and counts as a {size}.")

    def down(self) -> None:
        say(f"Nothing to remove: KUBECONFIG names {self.file}, a cluster that devcluster did not make.")

    def kubeconfig(self) -> Path:
        return self.file

    def load_image(self, reference: str) -> None:
        raise UnsupportedError(
            f'Image "{reference}": KUBECONFIG names {self.file}, whose nodes devcluster has no way into. '
            "Push the image to a registry that the cluster pulls from, or unset KUBECONFIG."
        )

    def describe(self) -> dict[str, str]:
        return {"backend": "KUBECONFIG", "kubeconfig": str(self.file), "kubernetes": self._version()}

    def _version(self) -> str:
        answer = Kubectl(ensure_clients(self.root), self.file).raw("/version?timeout=10s")
        return str(answer["gitVersion"])


@dataclass(frozen=True, slots=True)
class HomeBuilt:
    """The cluster that is built and run by this package."""

    name: str
    root: Path

    def up(self, size: str) -> None:
        instance = homebuilt.up(self.root, self.name, size)
        say(f"{self.name} is up. export KUBECONFIG={instance.kubeconfig}")

    def down(self) -> None:
        if not homebuilt.down(self.root, self.name):
            say(f"{self.name} is not there: nothing to remove.")

    def kubeconfig(self) -> Path:
        instance = load_instance(self.root, self.name)
        if instance is None:
            raise DevclusterError(f'Instance "{self.name}" is not there: `devcluster up --name {self.name}` makes it.')
        return instance.kubeconfig

    def load_image(self, reference: str) -> None:
        homebuilt.load_image(self.root, self.name, reference)

    def describe(self) -> dict[str, str]:
        return homebuilt.describe(self.root, self.name)


def choose_backend(
    root: Path, name: str, environ: Mapping[str, str] = os.environ, docker_answers: Callable[[], bool] | None = None
) -> Backend:
    """Return the cluster that the commands are for.

    KUBECONFIG comes first, unless it names an instance of this package. An instance that is there is gone on with,
    also when a Docker engine has been started since.
    """
    if (named := environ.get("KUBECONFIG")) and not _is_ours(root, named):
        return External(Path(named), root)
    if (root / "instances" / name).exists():
        return HomeBuilt(name, root)
    if (docker_answers or docker_engine_answers)():
        return Kind(name, root)
    return HomeBuilt(name, root)


def docker_engine_answers() -> bool:
    """Tell whether there is a Docker engine, not only its command."""
    return succeeds(["docker", "info", "--format", "{{.ServerVersion}}"])


def _is_ours(root: Path, kubeconfig: str) -> bool:
    file = Path(kubeconfig).absolute()
    return file.is_relative_to(root / "instances") or file.is_relative_to(root / "kind")


def kubectl_for(name: str) -> Kubectl:
    """Return kubectl for a cluster that is up."""
    root = cache_root()
    return Kubectl(ensure_clients(root), choose_backend(root, name).kubeconfig())
