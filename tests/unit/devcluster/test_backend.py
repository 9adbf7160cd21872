from pathlib import Path

import pytest

from devcluster.backend import External, HomeBuilt, choose_backend
from devcluster.errors import UnsupportedError
from devcluster.instance import Instance
from devcluster.kind import Kind


def test_a_cluster_that_kubeconfig_names_comes_first(tmp_path: Path) -> None:
    chosen = choose_backend(tmp_path, "demo", {"KUBECONFIG": "/home/someone/config"}, lambda: True)
    assert chosen == External(Path("/home/someone/config"), tmp_path)


def test_kind_is_chosen_where_a_docker_engine_answers(tmp_path: Path) -> None:
    assert choose_backend(tmp_path, "demo", {}, lambda: True) == Kind("demo", tmp_path)


def test_the_home_built_node_is_chosen_where_nothing_else_is(tmp_path: Path) -> None:
    assert choose_backend(tmp_path, "demo", {}, lambda: False) == HomeBuilt("demo", tmp_path)


def test_an_empty_kubeconfig_names_no_cluster(tmp_path: Path) -> None:
    assert isinstance(choose_backend(tmp_path, "demo", {"KUBECONFIG": ""}, lambda: False), HomeBuilt)


def test_an_instance_that_is_there_is_gone_on_with_although_docker_answers_now(tmp_path: Path) -> None:
    Instance(name="demo", root=tmp_path, slot=1, size="node").save()
    assert isinstance(choose_backend(tmp_path, "demo", {}, lambda: True), HomeBuilt)


@pytest.mark.parametrize("file", ["instances/demo/kubeconfig", "kind/demo.kubeconfig"])
def test_a_kubeconfig_of_an_instance_of_its_own_is_no_foreign_cluster(tmp_path: Path, file: str) -> None:
    environ = {"KUBECONFIG": str(tmp_path / file)}
    assert not isinstance(choose_backend(tmp_path, "demo", environ, lambda: False), External)


def test_loading_an_image_into_a_foreign_cluster_says_what_to_do_instead(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="Push the image to a registry"):
        External(Path("/home/someone/config"), tmp_path).load_image("localhost/redis:7")


def test_taking_a_foreign_cluster_down_removes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config"
    file.write_text("apiVersion: v1")
    External(file, tmp_path).down()
    assert file.exists()
    assert "a cluster that devcluster did not make" in capsys.readouterr().out
