"""The development cluster leaves the machine as it found it."""

import subprocess
from pathlib import Path

import pytest

from devcluster.backend import choose_backend, kubectl_for
from devcluster.errors import PrerequisiteError
from devcluster.instance import cache_root, load_instance

NAME = "leftover"


def traces() -> dict[str, set[str]]:
    """Return whatever a node could leave behind on this machine, by kind."""
    processes = {path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if mentions_the_instance(path)}
    return {
        "processes": processes,
        "links": lines_of("ip", "-brief", "link"),
        "routes": lines_of("ip", "route"),
        "mounts": {line for line in Path("/proc/mounts").read_text().splitlines() if NAME in line},
        "control groups": {str(path) for path in Path("/sys/fs/cgroup").glob(f"*/*{NAME}*")},
        "folders": {str(path) for path in (cache_root() / "instances").glob(NAME)},
    }


def mentions_the_instance(command_line: Path) -> bool:
    try:
        return f"/instances/{NAME}/".encode() in command_line.read_bytes()
    except OSError:  # the process has just ended
        return False


def lines_of(*command: str) -> set[str]:
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())


def test_node_that_lost_a_part_and_went_down_leaves_nothing_behind() -> None:
    cluster = choose_backend(cache_root(), NAME)
    before = traces()
    try:
        cluster.up("node")
    except PrerequisiteError as error:
        pytest.skip(f"pods cannot run here: {error}")
    instance = load_instance(cache_root(), NAME)
    if instance is None:
        cluster.down()
        pytest.skip("this cluster is not run by devcluster itself, there is nothing of its own to leave behind")
    assert kubectl_for(NAME).get("nodes")["items"]
    during = traces()
    assert len(during["processes"]) >= 5, "if its processes cannot be seen, this test sees nothing"
    next(process for process in instance.processes() if process.name == "kube-apiserver").stop(grace_seconds=0)
    cluster.down()
    assert traces() == before
