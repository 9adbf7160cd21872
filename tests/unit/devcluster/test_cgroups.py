from pathlib import Path

from devcluster.cgroups import hierarchies, kubelet_hierarchies

VERSION_1 = """\
tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
"""
VERSION_2 = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n/dev/vda / ext4 rw 0 0\n"
CPU, MEMORY, UNIFIED = (Path("/sys/fs/cgroup") / name for name in ("cpu", "memory", "unified"))


def test_kubelet_gets_a_group_in_every_hierarchy_of_version_1() -> None:
    assert kubelet_hierarchies(VERSION_1) == [CPU, MEMORY]


def test_kubelet_gets_one_group_with_version_2() -> None:
    assert kubelet_hierarchies(VERSION_2) == [Path("/sys/fs/cgroup")]


def test_groups_are_removed_from_version_2_beside_version_1_too() -> None:
    assert hierarchies(VERSION_1) == [CPU, MEMORY, UNIFIED]
