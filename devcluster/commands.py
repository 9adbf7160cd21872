"""Programs of this machine, run to their end, with errors that say what was tried and what came back."""

import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from devcluster.errors import CommandError, NotReadyError

Command = Sequence[str | Path]
TAIL_LINES = 15


def run(
    command: Command,
    *,
    purpose: str,
    text: str | None = None,
    stdin: IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Run one program and return what it printed.

    text is written to its standard input; stdin gives it an open file instead.
    Raises CommandError, which names `purpose`, the command and the end of its output.
    """
    words = [str(word) for word in command]
    try:
        finished = subprocess.run(
            words,
            input=text.encode() if text is not None else None,
            stdin=stdin if text is None else None,
            capture_output=True,
            env=env,
            cwd=cwd,
            check=False,
        )
    except OSError as error:
        raise CommandError(f"Could not {purpose}: {words[0]} cannot be started ({error.strerror}).") from error
    if finished.returncode != 0:
        said = (finished.stderr + finished.stdout).decode(errors="replace")
        raise CommandError(failure(purpose, words, finished.returncode, said))
    return finished.stdout.decode(errors="replace")


def failure(purpose: str, words: Sequence[str], code: int, said: str) -> str:
    """Return the message for a program that ended with an error."""
    end = tail(said) or "(nothing)"
    return f"Could not {purpose}: `{shlex.join(words)}` ended with code {code}, expected 0. It said:\n{end}"


def tail(text: str, lines: int = TAIL_LINES) -> str:
    """Return the last lines of a text, indented."""
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-lines:])


def succeeds(command: Command) -> bool:
    """Tell whether a program exists and ends without an error."""
    try:
        words = [str(word) for word in command]
        return subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], *, what: str, seconds: float, every: float = 0.1) -> None:
    """Wait until a condition holds; raise NotReadyError when it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NotReadyError(f"{what}: not so after {seconds:.0f} s.")
        time.sleep(every)
