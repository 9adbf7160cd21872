"""The project's images: built from the one Dockerfile, and saved into archives that clusters load."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from devcluster.baseimage import ensure_base_image
from devcluster.engine import Buildah, Engine, Recipe, this_engine
from devcluster.errors import DevclusterError
from devcluster.locking import exclusive
from devcluster.pipsettings import (
    certificates,
    local_wheels,
    machine_settings,
    render_apt_sources,
    render_pip_config,
)
from devcluster.progress import step

# The targets of the Dockerfile and the images that are made of them.
IMAGES: Final = {
    "operator": "localhost/trading-operator:dev",
    "workload": "localhost/trading-workload:dev",
    "redis": "localhost/redis:7",
}


def build_images(root: Path, targets: Iterable[str]) -> None:
    """Build the images of these targets of the Dockerfile."""
    wanted = list(targets)
    if unknown := [target for target in wanted if target not in IMAGES]:
        raise DevclusterError(f"Image {', '.join(unknown)}: unknown; expected some of {', '.join(IMAGES)}.")
    engine = this_engine()
    arguments = {"BASE_IMAGE": ensure_base_image(root, engine)} if isinstance(engine, Buildah) else {}
    with exclusive(root / "locks", "images"), tempfile.TemporaryDirectory(prefix="devcluster-") as scratch:
        secrets, mounts = _settings_of_this_machine(Path(scratch), engine)
        for target in wanted:
            with step(f"building {IMAGES[target]}"):
                engine.build(Recipe(IMAGES[target], target, arguments, secrets, mounts))


def _settings_of_this_machine(scratch: Path, engine: Engine) -> tuple[dict[str, Path], list[Path]]:
    settings = machine_settings()
    trusted = certificates(settings)
    secrets = {"pip.conf": scratch / "pip.conf"}
    secrets["pip.conf"].write_text(render_pip_config(settings, with_certificates=trusted is not None))
    if trusted:
        secrets["ca.crt"] = trusted
    if isinstance(engine, Buildah):
        # The base image has no source of Debian packages of its own; the official ones have theirs.
        secrets["apt.sources"] = scratch / "apt.sources"
        secrets["apt.sources"].write_text(render_apt_sources())
    return secrets, local_wheels(settings)


def archive_of(root: Path, image: str) -> tuple[str, Path]:
    """Return an image's id and an archive that holds it, which is kept for the next cluster."""
    engine = this_engine()
    identity = engine.image_id(image)
    if identity is None:
        raise DevclusterError(
            f'Image "{image}": this machine has none of that name; `devcluster build-images` builds '
            f"{', '.join(IMAGES.values())}."
        )
    stem = image.replace("/", "_").replace(":", "_")
    archive = root / "images" / f"{stem}@{identity.removeprefix('sha256:')[:16]}.tar"
    with exclusive(root / "locks", "archives"):
        if not archive.exists():
            archive.parent.mkdir(parents=True, exist_ok=True)
            new = archive.with_name(f".{archive.name}.{os.getpid()}")
            new.unlink(missing_ok=True)
            with step(f"saving {image}"):
                engine.save(image, new)
            for older in archive.parent.glob(f"{stem}@*.tar"):
                older.unlink()
            new.rename(archive)
    return identity, archive
