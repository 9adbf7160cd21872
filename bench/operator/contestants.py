"""Everybody who makes the thirty children of systems, measured alike."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import orjson

from bench.operator.cluster import Cluster
from bench.operator.grounds import create_systems, created_children
from bench.operator.ours import USER_AGENTS, Ours
from bench.operator.peers import controllerruntime, raw
from bench.operator.program import Program

OURS: Final = "our operator"
RAW: Final = "raw server-side apply"
GO: Final = "controller-runtime (Go)"
PLAIN: Final = "plain kopf + official client"


class Contestant(Protocol):
    """One way to get children made."""

    name: str

    async def start(self) -> None:
        """Start what has to run before."""

    async def prepare(self, names: Sequence[str]) -> None:
        """Do what is not measured, for systems in these namespaces."""

    async def submit(self) -> None:
        """Have the children made."""

    async def stop(self) -> None:
        """End what was started."""


class Measured(Contestant, Protocol):
    """A contestant in one process, whose CPU and requests are known."""

    user_agents: tuple[str, ...]
    """How its requests begin to call themselves."""
    program: Program


@dataclass(slots=True)
class Operator:
    """A program that watches systems."""

    name: str
    user_agents: tuple[str, ...]
    program: Program
    cluster: Cluster
    ours: Ours | None = None
    _names: Sequence[str] = ()

    async def start(self) -> None:
        await (self.ours.start() if self.ours else self.program.start())

    async def prepare(self, names: Sequence[str]) -> None:
        self._names = names

    async def submit(self) -> None:
        await create_systems(self.cluster.api, self._names)

    async def stop(self) -> None:
        await self.program.stop()


@dataclass(slots=True)
class Raw:
    """The floor: ready-made documents, applied as fast as it goes."""

    cluster: Cluster
    program: Program
    name: str = RAW
    user_agents: tuple[str, ...] = (raw.USER_AGENT,)
    _file: Path = field(default=Path())

    async def start(self) -> None:
        await self.program.start()

    async def prepare(self, names: Sequence[str]) -> None:
        """Create the systems, for their children have to name them; the children are written to a file."""
        self._file = self.cluster.scratch / "children.json"
        self._file.write_bytes(orjson.dumps(await created_children(self.cluster.api, names)))

    async def submit(self) -> None:
        await self.program.ask(f"apply {self._file}")

    async def stop(self) -> None:
        await self.program.stop()


def our_operator(cluster: Cluster, **settings: str) -> Operator:
    ours = Ours.on(cluster.kubeconfig, cluster.log("ours"), **settings)
    return Operator(OURS, USER_AGENTS, ours.program, cluster, ours)


def raw_applies(cluster: Cluster) -> Raw:
    return Raw(cluster, raw_program(cluster))


def raw_program(cluster: Cluster) -> Program:
    command = (sys.executable, "-m", "bench.operator.peers.raw", cluster.kubeconfig)
    return Program(command, cluster.log("raw"))


def go_operator(cluster: Cluster) -> Operator:
    program = Program((controllerruntime.built(),), cluster.log("go"), {"KUBECONFIG": str(cluster.kubeconfig)})
    return Operator(GO, (f"{controllerruntime.NAME}/",), program, cluster)


def plain_operator(cluster: Cluster) -> Operator:
    command = (sys.executable, "-m", "kopf", "run", "-A", "-q", "--module", "bench.operator.peers.plain_kopf")
    program = Program(command, cluster.log("plain"), {"KUBECONFIG": str(cluster.kubeconfig)})
    return Operator(PLAIN, ("kopf", "OpenAPI-Generator", "kubernetes", "python"), program, cluster)
