"""The Go operator, built from its sources beside this file and kept under what they contain."""

import hashlib
import os
from pathlib import Path
from typing import Final

from devcluster.commands import run
from devcluster.errors import CommandError, PrerequisiteError
from devcluster.instance import cache_root
from devcluster.locking import exclusive
from devcluster.progress import step
from devcluster.toolchain import go_program

NAME: Final = "controller-runtime-peer"
SOURCES: Final = Path(__file__).parent / "controller_runtime"


class GoMissingError(Exception):
    """There is no Go that is new enough, and none can be fetched."""


def built() -> Path:
    """Return the program, building it where it is not there: some minutes on a machine with an empty Go cache.

    Raises GoMissingError.
    """
    root = cache_root()
    program = root / "peers" / _content_key() / NAME
    if not program.exists():
        with exclusive(root / "locks", NAME):
            if not program.exists():
                with step("building the peer on controller-runtime"):
                    _build(_go(root), program)
    return program


def _go(root: Path) -> Path:
    try:
        return go_program(root)
    except (CommandError, PrerequisiteError) as error:
        raise GoMissingError("go is not installed") from error


def _build(go: Path, program: Path) -> None:
    program.parent.mkdir(parents=True, exist_ok=True)
    new = program.with_name(f".new-{NAME}")
    # The Go that was chosen is the Go that builds: without GOTOOLCHAIN=local it may fetch another one.
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
    command = [str(go), "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", str(new), "."]
    run(command, purpose="build the peer on controller-runtime", env=environment, cwd=SOURCES)
    new.rename(program)


def _content_key() -> str:
    digest = hashlib.sha256(os.uname().machine.encode())
    for file in sorted(SOURCES.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
