"""Images that hold one static program and nothing else, written without a tool that builds images.

The format is that of `docker save`: a tar with the layers, a configuration, and a manifest that names both.
"""

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Final

ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
PAUSE_IMAGE: Final = "localhost/devcluster-pause:1"
COREDNS_IMAGE: Final = "localhost/devcluster-coredns:1"
METRICS_IMAGE: Final = "localhost/devcluster-metrics-server:1"
# The programs that the node runs in pods, and the images that they are in.
PROGRAM_IMAGES: Final = {"pause": PAUSE_IMAGE, "coredns": COREDNS_IMAGE, "metrics-server": METRICS_IMAGE}


def ensure_program_images(programs: Path) -> list[Path]:
    """Return the archives of the node's own images, writing those that are not beside the programs yet."""
    return [ensure_program_image(programs, program) for program in PROGRAM_IMAGES]


def ensure_program_image(programs: Path, program: str) -> Path:
    """Return the archive of one program's image."""
    archive = programs / f"{program}.image.tar"
    if not archive.exists():
        new = archive.with_name(f".{archive.name}.{os.getpid()}")
        write_image(new, PROGRAM_IMAGES[program], programs / program)
        new.rename(archive)
    return archive


def write_image(archive: Path, image: str, program: Path) -> None:
    """Write an image whose root holds one program, which it runs as nobody."""
    layer = archive.with_name(f"{archive.name}.layer")
    with tarfile.open(layer, "w", format=tarfile.USTAR_FORMAT) as tar:
        entry = tarfile.TarInfo(program.name)
        entry.size, entry.mode = program.stat().st_size, 0o755
        with program.open("rb") as content:
            tar.addfile(entry, content)
    with layer.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    config = {
        "architecture": ARCHITECTURES.get(os.uname().machine, os.uname().machine),
        "os": "linux",
        "config": {"Entrypoint": [f"/{program.name}"], "User": "65532:65532"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    config_bytes = json.dumps(config).encode()
    config_name = f"{hashlib.sha256(config_bytes).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [image], "Layers": [f"{digest}.tar"]}]
    with tarfile.open(archive, "w", format=tarfile.USTAR_FORMAT) as tar:
        tar.add(layer, arcname=f"{digest}.tar")
        _add(tar, config_name, config_bytes)
        _add(tar, "manifest.json", json.dumps(manifest).encode())
    layer.unlink()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
