from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from devcluster.prerequisites import NODE, Machine, missing_packages, parse_release, problem

DEBIAN = {"ID": "debian", "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)"}
EVERYTHING = frozenset(package.provides for package in NODE)


def make_machine(
    *,
    platform: str = "linux",
    user_id: int = 0,
    release: dict[str, str] | None = None,
    present: AbstractSet[str] = EVERYTHING,
) -> Machine:
    return Machine(platform, user_id, DEBIAN if release is None else release, present.__contains__)


def test_a_machine_with_everything_has_no_problem() -> None:
    assert problem(make_machine(), "A node", NODE, as_root=True) is None


def test_a_node_needs_root() -> None:
    found = problem(make_machine(user_id=1000), "A node", NODE, as_root=True)
    assert found is not None
    assert "needs root" in found
    assert "this is user 1000" in found
    assert "sudo" in found


def test_a_control_plane_needs_no_root() -> None:
    assert problem(make_machine(user_id=1000), "A control plane", NODE, as_root=False) is None


def test_another_system_than_linux_is_refused_by_its_name() -> None:
    found = problem(make_machine(platform="darwin"), "A node", NODE, as_root=True)
    assert found is not None
    assert "this is darwin" in found


def test_root_on_debian_may_install_what_is_missing() -> None:
    assert problem(make_machine(present=EVERYTHING - {"runc"}), "A node", NODE, as_root=True) is None


def test_a_user_without_rights_is_told_the_command_that_installs() -> None:
    machine = make_machine(user_id=1000, present=EVERYTHING - {"runc", "nft"})
    found = problem(machine, "A control plane", NODE, as_root=False)
    assert found is not None
    assert "missing runc, nftables" in found
    assert "apt-get install --no-install-recommends runc nftables" in found


def test_another_distribution_is_told_what_is_missing() -> None:
    release = {"ID": "fedora", "PRETTY_NAME": "Fedora Linux 42"}
    found = problem(make_machine(release=release, present=EVERYTHING - {"runc"}), "A node", NODE, as_root=True)
    assert found is not None
    assert "missing runc" in found
    assert "Fedora Linux 42" in found


@pytest.mark.parametrize("release", [{"ID": "debian"}, {"ID": "ubuntu", "ID_LIKE": "debian"}], ids=["debian", "ubuntu"])
def test_debian_and_what_is_like_it_is_debian(release: dict[str, str]) -> None:
    assert make_machine(release=release).is_debian


def test_the_missing_packages_are_named_in_order() -> None:
    assert missing_packages(make_machine(present=EVERYTHING - {"runc", "containerd"}), NODE) == ["containerd", "runc"]


def test_the_release_file_is_read_with_and_without_quotes(tmp_path: Path) -> None:
    file = tmp_path / "os-release"
    file.write_text('ID=debian\nPRETTY_NAME="Debian GNU/Linux 12"\n\n# a comment\n')
    assert parse_release(file) == {"ID": "debian", "PRETTY_NAME": "Debian GNU/Linux 12"}
    assert parse_release(tmp_path / "absent") == {}
