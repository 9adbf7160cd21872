"""What people run by hand: kubectl and Helm with the same thirty children in files."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.operator.cluster import Cluster
from bench.operator.grounds import created_children

KUBECTL: Final = "kubectl apply --server-side"
HELM: Final = "helm install"
CHART: Final = "apiVersion: v2\nname: thirty-children\nversion: 0.1.0\n"


@dataclass(slots=True)
class KubectlApply:
    """`kubectl apply --server-side` of one file."""

    cluster: Cluster
    name: str = KUBECTL
    _file: Path = field(default=Path())

    async def start(self) -> None:
        """Have nothing to start: the whole program is part of what is measured."""

    async def prepare(self, names: Sequence[str]) -> None:
        self._file = self.cluster.scratch / "children.yaml"
        self._file.write_text("\n---\n".join(map(json.dumps, await created_children(self.cluster.api, names))))

    async def submit(self) -> None:
        await asyncio.to_thread(self.cluster.kubectl, "apply", "--server-side", "--filename", self._file)

    async def stop(self) -> None:
        """Have nothing to stop."""


_releases = itertools.count(1)


@dataclass(slots=True)
class HelmInstall:
    """`helm install` of a chart with a template for each child, without waiting for anything."""

    cluster: Cluster
    name: str = HELM
    _namespace: str = ""

    async def start(self) -> None:
        """Have nothing to start: the whole program is part of what is measured."""

    async def prepare(self, names: Sequence[str]) -> None:
        (self._namespace,) = names
        templates = self._chart / "templates"
        templates.mkdir(parents=True, exist_ok=True)
        (self._chart / "Chart.yaml").write_text(CHART)
        for number, child in enumerate(await created_children(self.cluster.api, names)):
            (templates / f"{number}.yaml").write_text(json.dumps(child))  # JSON is YAML in which 1e10 stays a text

    async def submit(self) -> None:
        release = f"release-{next(_releases)}"
        await asyncio.to_thread(
            self.cluster.kubectl.helm, "install", release, self._chart, "--namespace", self._namespace
        )

    async def stop(self) -> None:
        """Have nothing to stop."""

    @property
    def _chart(self) -> Path:
        return self.cluster.scratch / "chart"
