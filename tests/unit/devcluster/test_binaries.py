import shutil
from pathlib import Path

import pytest

from devcluster.binaries import (
    CONTROL_PLANE,
    PROGRAMS,
    BuildCount,
    build_command,
    build_key,
    kubernetes_version,
    linker_flags,
    missing,
)
from devcluster.errors import CommandError
from devcluster.toolchain import GO_MODULE, required_go_version

GO_MOD = "module devcluster\n\ngo 1.26.4\n\nrequire (\n\tk8s.io/kubernetes v1.37.2\n)\n"


def copy_of_module(into: Path) -> Path:
    return Path(shutil.copytree(GO_MODULE, into / "go"))


def test_the_version_of_kubernetes_comes_from_go_mod() -> None:
    assert kubernetes_version(GO_MOD) == "1.37.2"


def test_a_go_mod_without_kubernetes_is_an_error() -> None:
    with pytest.raises(CommandError, match=r"expected one"):
        kubernetes_version("module other\n")


def test_the_version_of_go_comes_from_go_mod() -> None:
    assert required_go_version(GO_MOD) == (1, 26, 4)


def test_the_version_is_stamped_into_server_and_client() -> None:
    flags = linker_flags("1.37.2")
    assert "-X k8s.io/component-base/version.gitVersion=v1.37.2" in flags
    assert "-X k8s.io/component-base/version.gitMinor=37" in flags
    assert "-X k8s.io/client-go/pkg/version.gitVersion=v1.37.2" in flags


def test_one_command_builds_all_packages(tmp_path: Path) -> None:
    command = build_command(Path("/usr/bin/go"), tmp_path, CONTROL_PLANE)
    assert command[:3] == ["/usr/bin/go", "build", "-v"]
    assert command[-3:] == [program.package for program in CONTROL_PLANE]


@pytest.mark.parametrize("file", ["go.mod", "go.sum", "pause/main.go"])
def test_the_key_changes_with_every_file_that_the_programs_depend_on(tmp_path: Path, file: str) -> None:
    module = copy_of_module(tmp_path)
    before = build_key(module)
    with (module / file).open("a") as text:
        text.write("\n// edited\n")
    assert build_key(module) != before


def test_the_key_is_the_same_for_the_same_files(tmp_path: Path) -> None:
    assert build_key(copy_of_module(tmp_path)) == build_key()
    assert build_key().startswith("1.37.2-")


def test_only_programs_that_are_not_there_are_missing(tmp_path: Path) -> None:
    (tmp_path / "etcd").touch()
    assert "etcd" not in {program.name for program in missing(tmp_path, PROGRAMS["node"])}
    assert len(missing(tmp_path, PROGRAMS["node"])) == len(PROGRAMS["node"]) - 1


def test_the_count_tells_fetched_modules_from_compiled_packages() -> None:
    count = BuildCount()
    lines = [
        "go: downloading a v1\n",
        "go: downloading b v1\n",
        "k8s.io/api/core/v1\n",
        "# warning\n",
        "\tdetail\n",
        "\n",
    ]
    for line in lines:
        count.add(line)
    assert count.describe() == "2 modules fetched, 1 packages compiled"
