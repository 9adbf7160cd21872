"""One at a time: a lock of the operating system, which a killed process gives back by dying."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devcluster.progress import say


@contextmanager
def exclusive(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock `name` while the body runs; wait for another devcluster that holds it, and say so.

    The file stays: deleting it would let two processes lock two different files of one name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  waiting for another devcluster that works on {name}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
