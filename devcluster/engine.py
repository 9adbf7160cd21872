"""What builds and keeps images on this machine: a Docker engine where one answers, else buildah, which needs none."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from devcluster import prerequisites
from devcluster.commands import Command, run, succeeds
from devcluster.errors import CommandError

REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one image is made: a target of the Dockerfile, and what the build gets to see and does not keep."""

    image: str
    target: str
    arguments: Mapping[str, str]
    secrets: Mapping[str, Path]
    mounts: Sequence[Path] = ()


class Engine(Protocol):
    """What builds and keeps images."""

    def build(self, recipe: Recipe) -> None:
        """Build an image; layers that did not change are taken from the last time."""

    def image_id(self, image: str) -> str | None:
        """Return the id of an image, or None where there is none of that name."""

    def save(self, image: str, archive: Path) -> None:
        """Write an image into an archive, uncompressed: it does not leave the machine."""


class Docker:
    """A Docker engine."""

    def build(self, recipe: Recipe) -> None:
        # Older engines have BuildKit and do not use it unless asked; the secrets need it.
        environ = {**os.environ, "DOCKER_BUILDKIT": "1"}
        run(docker_build(recipe), purpose=f"build {recipe.image}", env=environ, cwd=REPOSITORY)

    def image_id(self, image: str) -> str | None:
        return _id_of(["docker", "image", "inspect", "--format", "{{.Id}}", image])

    def save(self, image: str, archive: Path) -> None:
        run(["docker", "save", "--output", archive, image], purpose=f"save {image}")


class Buildah:
    """buildah, as root and without isolation beyond what a build needs."""

    def __init__(self) -> None:
        prerequisites.ensure("Building images without a Docker engine", prerequisites.IMAGES, as_root=True)

    def build(self, recipe: Recipe) -> None:
        run(buildah_build(recipe), purpose=f"build {recipe.image}", cwd=REPOSITORY)

    def image_id(self, image: str) -> str | None:
        return _id_of(["buildah", "inspect", "--type", "image", "--format", "{{.FromImageID}}", image])

    def save(self, image: str, archive: Path) -> None:
        run(["buildah", "push", "--quiet", image, f"docker-archive:{archive}:{image}"], purpose=f"save {image}")


def this_engine() -> Engine:
    """Return the engine of this machine."""
    if succeeds(["docker", "info", "--format", "{{.ServerVersion}}"]):
        return Docker()
    return Buildah()


def docker_build(recipe: Recipe) -> Command:
    """Return the command that builds with a Docker engine; its builder must be BuildKit, for the secrets."""
    return ["docker", "build", *_common(recipe), "--progress=plain", "."]


def buildah_build(recipe: Recipe) -> Command:
    """Return the command that builds with buildah, on the machine's own network."""
    mounts = [f"--volume={path}:{path}:ro" for path in recipe.mounts]
    # The format of Docker keeps instructions that the other one has no place for, such as STOPSIGNAL's neighbours.
    return ["buildah", "build", *_common(recipe), "--layers", "--network=host", "--format=docker", *mounts, "."]


def _common(recipe: Recipe) -> list[str]:
    return [
        f"--target={recipe.target}",
        f"--tag={recipe.image}",
        *(f"--build-arg={name}={value}" for name, value in recipe.arguments.items()),
        *(f"--secret=id={name},src={file}" for name, file in recipe.secrets.items()),
    ]


def _id_of(command: Command) -> str | None:
    try:
        return run(command, purpose="look up an image").strip() or None
    except CommandError:
        return None
