"""A base image without a registry: Debian with its own Python, put together by debootstrap and kept by buildah."""

import shutil
import tempfile
from pathlib import Path

from devcluster.commands import run
from devcluster.engine import Buildah
from devcluster.errors import PrerequisiteError
from devcluster.locking import exclusive
from devcluster.pipsettings import first_mirror, render_apt_sources
from devcluster.progress import step

SUITE = "bookworm"
BASE_IMAGE = "localhost/devcluster-base:bookworm-1"
PACKAGES = "ca-certificates,python3,python3-pip,python3-venv"
# What no running container reads: it would be in every image, and be copied into every cluster.
BALLAST = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale", "var/log")


def ensure_base_image(root: Path, buildah: Buildah) -> str:
    """Return the name of the base image, making it where buildah has none."""
    if buildah.image_id(BASE_IMAGE) is None:
        with exclusive(root / "locks", "base-image"):
            if buildah.image_id(BASE_IMAGE) is None:
                _make(root)
    return BASE_IMAGE


def _make(root: Path) -> None:
    mirror = first_mirror(render_apt_sources())
    if mirror is None:
        raise PrerequisiteError(
            "Base image: no source of Debian packages under /etc/apt, expected one to take Debian from; "
            "start a Docker engine instead, or set up apt."
        )
    packages = root / "debian-packages"
    packages.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".base-") as scratch:
        system = Path(scratch) / "system"
        with step(f"base image: Debian {SUITE} by debootstrap, once"):
            options = ["--variant=minbase", f"--include={PACKAGES}", f"--cache-dir={packages}"]
            run(["debootstrap", *options, SUITE, system, mirror], purpose="put a Debian together")
        for folder in BALLAST:
            _empty(system / folder)
        # The mirror is this machine's affair.
        (system / "etc/apt/sources.list").unlink(missing_ok=True)
        with step(f"base image: {BASE_IMAGE}"):
            _commit(system)
    shutil.rmtree(packages)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _commit(system: Path) -> None:
    container = run(["buildah", "from", "scratch"], purpose="start the base image").strip()
    try:
        run(["buildah", "add", "--quiet", container, system, "/"], purpose="fill the base image")
        run(["buildah", "commit", "--quiet", container, BASE_IMAGE], purpose="keep the base image")
    finally:
        run(["buildah", "rm", container], purpose="tidy up after the base image")
