"""What the machine has to bring: Linux, root for a node, and a few of its distribution's programs."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devcluster.commands import run
from devcluster.errors import PrerequisiteError
from devcluster.progress import step


@dataclass(frozen=True, slots=True)
class Package:
    """A Debian package and the file that tells that it is installed: a program's name, or a path."""

    name: str
    provides: str


CONTROL_PLANE: Final = (Package("openssl", "openssl"), Package("util-linux", "setsid"))
NODE: Final = (
    *CONTROL_PLANE,
    Package("containerd", "containerd"),
    Package("runc", "runc"),
    Package("containernetworking-plugins", "/usr/lib/cni/ptp"),
    Package("nftables", "nft"),
    Package("iproute2", "ip"),
    Package("mount", "mount"),
)
IMAGES: Final = (
    Package("buildah", "buildah"),
    Package("debootstrap", "debootstrap"),
    Package("tar", "tar"),
)
SYSTEM_PATH: Final = ("/usr/sbin", "/sbin", "/usr/bin", "/bin")


@dataclass(frozen=True, slots=True)
class Machine:
    """What prerequisites depend on; passed in, so that a test can be any machine."""

    platform: str
    user_id: int
    release: Mapping[str, str]
    is_present: Callable[[str], bool]

    @property
    def is_debian(self) -> bool:
        return "debian" in f"{self.release.get('ID', '')} {self.release.get('ID_LIKE', '')}".split()


def this_machine() -> Machine:
    """Return what this machine is."""
    return Machine(
        platform=sys.platform,
        user_id=os.getuid(),
        release=parse_release(Path("/etc/os-release")),
        is_present=lambda file: Path(file).exists() if file.startswith("/") else bool(shutil.which(file)),
    )


def parse_release(file: Path) -> dict[str, str]:
    """Return the fields of an os-release file; none where there is no such file."""
    if not file.exists():
        return {}
    lines = (line.partition("=") for line in file.read_text().splitlines() if "=" in line)
    return {name: value.strip("\"'") for name, _, value in lines}


def extend_path() -> None:
    """Make sure that programs of the system are found: a user's PATH often lacks the sbin folders."""
    present = os.environ.get("PATH", "").split(os.pathsep)
    os.environ["PATH"] = os.pathsep.join([*present, *(folder for folder in SYSTEM_PATH if folder not in present)])


def missing_packages(machine: Machine, packages: Iterable[Package]) -> list[str]:
    """Return the names of the packages that the machine lacks."""
    return [package.name for package in packages if not machine.is_present(package.provides)]


def problem(machine: Machine, purpose: str, packages: Iterable[Package], *, as_root: bool) -> str | None:
    """Return why the machine cannot do it and what to do about it; None where it can, or can be made to."""
    if machine.platform != "linux":
        return f"{purpose} needs Linux; this is {machine.platform}. Start a Docker engine instead: then kind is used."
    if as_root and machine.user_id != 0:
        return (
            f"{purpose} needs root, for namespaces, mounts and control groups; this is user {machine.user_id}. "
            "Run it with sudo, or start a Docker engine: then kind is used."
        )
    absent = missing_packages(machine, packages)
    if not absent:
        return None
    command = f"apt-get update && apt-get install --no-install-recommends {' '.join(absent)}"
    if not machine.is_debian:
        system = machine.release.get("PRETTY_NAME", "an unknown Linux")
        return f"{purpose}: missing {', '.join(absent)} (names of Debian); install what {system} has of the kind."
    if machine.user_id != 0:
        return f"{purpose}: missing {', '.join(absent)}; install with: sudo sh -c '{command}'"
    return None


def ensure(purpose: str, packages: Iterable[Package], *, as_root: bool) -> None:
    """Install what is missing where that is possible; else raise PrerequisiteError, which says what to do."""
    extend_path()
    machine = this_machine()
    wanted = tuple(packages)
    if text := problem(machine, purpose, wanted, as_root=as_root):
        raise PrerequisiteError(text)
    absent = missing_packages(machine, wanted)
    if not absent:
        return
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step(f"installing Debian packages: {' '.join(absent)}"):
        run(["apt-get", "update", "--quiet"], purpose="read the lists of Debian packages", env=environ)
        install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *absent]
        run(install, purpose=f"install {', '.join(absent)}", env=environ)
    if still := missing_packages(machine, wanted):
        raise PrerequisiteError(
            f"{purpose}: apt-get installed {', '.join(still)}, yet "
            f"{', '.join(package.provides for package in wanted if package.name in still)} is not there; look at "
            "the output of `dpkg -L` for these packages."
        )
