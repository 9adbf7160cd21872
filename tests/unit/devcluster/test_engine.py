from pathlib import Path

import pytest

from devcluster.engine import Recipe, buildah_build, docker_build

RECIPE = Recipe(
    image="localhost/trading-operator:dev",
    target="operator",
    arguments={"BASE_IMAGE": "localhost/base:1"},
    secrets={"pip.conf": Path("/scratch/pip.conf")},
    mounts=[Path("/opt/wheels")],
)


@pytest.mark.parametrize("build", [docker_build, buildah_build])
def test_both_engines_build_the_same_target_with_the_same_secrets(build: object) -> None:
    assert callable(build)
    command = build(RECIPE)
    expected = {
        "--target=operator",
        "--tag=localhost/trading-operator:dev",
        "--build-arg=BASE_IMAGE=localhost/base:1",
        "--secret=id=pip.conf,src=/scratch/pip.conf",
    }
    assert expected < set(command)
    assert command[-1] == "."


def test_folders_of_the_machine_are_mounted_read_only_and_not_copied() -> None:
    assert "--volume=/opt/wheels:/opt/wheels:ro" in buildah_build(RECIPE)


def test_buildah_keeps_layers_that_did_not_change() -> None:
    assert "--layers" in buildah_build(RECIPE)
