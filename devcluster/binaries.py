"""The programs of the home-built cluster, compiled from the Go modules that go/go.mod pins.

A cold build takes a quarter of an hour on two cores. Its results are kept outside of the checkout, in a folder named
after everything that they depend on; an interrupted build goes on from Go's own cache.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devcluster.commands import failure
from devcluster.errors import CommandError
from devcluster.locking import exclusive
from devcluster.progress import Ticker, say, step
from devcluster.toolchain import GO_MODULE, go_program


@dataclass(frozen=True, slots=True)
class Program:
    """One program: the name it gets here, the Go package it comes from, and the name that Go gives it."""

    name: str
    package: str
    built_as: str = ""


def _kubernetes(name: str) -> Program:
    return Program(name, f"k8s.io/kubernetes/cmd/{name}")


CONTROL_PLANE: Final = (
    Program("etcd", "go.etcd.io/etcd/server/v3", built_as="server"),
    _kubernetes("kube-apiserver"),
    _kubernetes("kube-controller-manager"),
)
METRICS_SERVER: Final = Program("metrics-server", "sigs.k8s.io/metrics-server/cmd/metrics-server")
NODE: Final = (
    _kubernetes("kube-scheduler"),
    _kubernetes("kubelet"),
    _kubernetes("kube-proxy"),
    Program("coredns", "github.com/coredns/coredns"),
    METRICS_SERVER,
    Program("pause", "devcluster/pause"),
)
PROGRAMS: Final = {"control-plane": CONTROL_PLANE, "node": CONTROL_PLANE + NODE}


def kubernetes_version(go_mod: str) -> str:
    """Return the version of Kubernetes that a go.mod requires, such as `1.37.2`."""
    match = re.search(r"^\s*k8s\.io/kubernetes v(\S+)", go_mod, re.MULTILINE)
    if match is None:
        raise CommandError(f"{GO_MODULE / 'go.mod'}: no line `k8s.io/kubernetes v…`, expected one.")
    return match.group(1)


def linker_flags(version: str) -> str:
    """Return the flags that stamp the version: a server that says v0.0.0 refuses features."""
    major, minor, _ = version.split(".")
    package = "k8s.io/component-base/version"
    stamps = {
        f"{package}.gitVersion": f"v{version}",
        f"{package}.gitMajor": major,
        f"{package}.gitMinor": minor,
        "k8s.io/client-go/pkg/version.gitVersion": f"v{version}",
    }
    return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in stamps.items())])


def build_key(module: Path = GO_MODULE) -> str:
    """Return the name of the folder with the programs, which changes with everything that they depend on."""
    digest = hashlib.sha256(" ".join(program.package for program in PROGRAMS["node"]).encode())
    for file in ("go.mod", "go.sum", "pause/main.go"):
        digest.update((module / file).read_bytes())
    version = kubernetes_version((module / "go.mod").read_text())
    digest.update(f"{linker_flags(version)} {os.uname().machine}".encode())
    return f"{version}-{digest.hexdigest()[:12]}"


def programs_folder(root: Path) -> Path:
    """Return where the programs are kept."""
    return root / "programs" / build_key()


def missing(folder: Path, programs: Iterable[Program]) -> list[Program]:
    """Return the programs that the folder lacks."""
    return [program for program in programs if not (folder / program.name).is_file()]


def ensure_programs(root: Path, programs: Iterable[Program]) -> Path:
    """Return the folder that holds these programs, building those that it lacks."""
    folder, wanted = programs_folder(root), tuple(programs)
    if missing(folder, wanted):
        with exclusive(root / "locks", "build"):
            # Asked again: whoever held the lock may have built them.
            if absent := missing(folder, wanted):
                _build(root, folder, absent)
    return folder


def _build(root: Path, folder: Path, programs: list[Program]) -> None:
    go = go_program(root)
    say(f"  building {', '.join(program.name for program in programs)}: minutes once, then kept in {folder}")
    new = folder.with_name(f".new-{folder.name}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    folder.mkdir(parents=True, exist_ok=True)
    with step(f"Kubernetes {kubernetes_version((GO_MODULE / 'go.mod').read_text())} from its Go modules"):
        _go_build(go, new, programs)
    for program in programs:
        (new / (program.built_as or program.name)).rename(folder / program.name)
    new.rmdir()


def build_command(go: Path, out: Path, programs: Iterable[Program]) -> list[str]:
    """Return the command that compiles programs into a folder; -v names each package as it is compiled."""
    version = kubernetes_version((GO_MODULE / "go.mod").read_text())
    packages = [program.package for program in programs]
    flags = ["-v", "-trimpath", "-buildvcs=false", "-ldflags", linker_flags(version)]
    return [str(go), "build", *flags, "-o", f"{out}/", *packages]


def _go_build(go: Path, out: Path, programs: list[Program]) -> None:
    command = build_command(go, out, programs)
    # The Go that was chosen is the Go that builds: without GOTOOLCHAIN=local it may fetch another one.
    environ = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
    count, lines = BuildCount(), list[str]()
    ticker = Ticker("go build", sys.stdout)
    with subprocess.Popen(command, cwd=GO_MODULE, env=environ, stderr=subprocess.PIPE, text=True) as running:
        try:
            for line in running.stderr or ():
                lines.append(line)
                count.add(line)
                ticker.tick(count.describe())
        except BaseException:
            running.terminate()
            raise
    ticker.close()
    if running.returncode != 0:
        raise CommandError(failure("build Kubernetes", command, running.returncode, "".join(lines)))


@dataclass(slots=True)
class BuildCount:
    """How far `go build -v` has come, by its own lines."""

    downloaded: int = 0
    compiled: int = 0

    def add(self, line: str) -> None:
        """Take one line of its output into account."""
        if line.startswith("go: downloading "):
            self.downloaded += 1
        elif line.strip() and not line.startswith(("go:", "#", " ", "\t")):
            self.compiled += 1

    def describe(self) -> str:
        """Return the count in words."""
        fetched = f"{self.downloaded} modules fetched, " if self.downloaded else ""
        return f"{fetched}{self.compiled} packages compiled"
