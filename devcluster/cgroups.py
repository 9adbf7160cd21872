"""The control group that holds all of a node's pods, one in each hierarchy of version 1, or the one of version 2."""

import time
from contextlib import suppress
from pathlib import Path

from devcluster.errors import NotReadyError
from devcluster.instance import Instance

MOUNTS = Path("/proc/self/mounts")
VERSION_2 = Path("/sys/fs/cgroup")


def hierarchies(mounts: str) -> list[Path]:
    """Return where control groups can be, from the text of /proc/self/mounts: every mount of either version."""
    mounted = (line.split() for line in mounts.splitlines())
    return [Path(folder) for _, folder, kind, *_ in mounted if kind in ("cgroup", "cgroup2")]


def kubelet_hierarchies(mounts: str) -> list[Path]:
    """Return where kubelet expects its control group.

    That is version 2 where it is mounted at its usual place, else all of version 1. A mount of version 2 beside those
    of version 1 is passed over, although runc uses it, too.
    """
    found = hierarchies(mounts)
    if VERSION_2 in found:
        return [VERSION_2]
    mounted = (line.split() for line in mounts.splitlines())
    return [Path(folder) for _, folder, kind, *_ in mounted if kind == "cgroup"]


def cgroup_name(instance: Instance) -> str:
    """Return the name of the instance's control group, directly under the root of each hierarchy."""
    return instance.node_name


def make_cgroups(instance: Instance) -> None:
    """Make the control groups that kubelet expects to find."""
    for hierarchy in kubelet_hierarchies(MOUNTS.read_text()):
        (hierarchy / cgroup_name(instance)).mkdir(exist_ok=True)
        if hierarchy == VERSION_2:
            _delegate_controllers(hierarchy)


def remove_cgroups(instance: Instance, *, seconds: float = 10.0) -> None:
    """Remove the control groups, innermost first; the kernel lets go of one once its last process is gone."""
    deadline = time.monotonic() + seconds
    tops = [hierarchy / cgroup_name(instance) for hierarchy in hierarchies(MOUNTS.read_text())]
    while remaining := [top for top in tops if top.exists()]:
        for top in remaining:
            for folder in sorted(top.glob("**/"), key=lambda path: len(path.parts), reverse=True):
                with suppress(OSError):
                    folder.rmdir()
        if time.monotonic() > deadline:
            raise NotReadyError(f"Control groups {', '.join(map(str, remaining))}: still in use after {seconds:.0f} s.")
        time.sleep(0.05)


def _delegate_controllers(hierarchy: Path) -> None:
    for controller in (hierarchy / "cgroup.controllers").read_text().split():
        with suppress(OSError):
            (hierarchy / "cgroup.subtree_control").write_text(f"+{controller}")
