"""Processes that outlive this one, known by a pid file and never confused with a stranger that got the same pid.

The pid file holds the process's own line of /proc/<pid>/stat and the boot's id, written by the process itself before it
becomes the program: there is no moment in which it runs and is not recorded. A pid is ours only while its start time
and the boot are those of the file; signals go through a pidfd, so the pid cannot change hands in between.
"""

import os
import select
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devcluster.commands import Command, tail, wait_until
from devcluster.errors import ProgramDiedError

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Opened for append, so that a log that was cut by hand goes on at its new end.
RECORD_AND_BECOME = 'cat "/proc/$$/stat" /proc/sys/kernel/random/boot_id > "$0.new" && mv "$0.new" "$0" && exec "$@"'


@dataclass(frozen=True, slots=True)
class Stat:
    """What identifies a process: its pid and when it started, in clock ticks since the boot."""

    pid: int
    state: str
    parent: int
    started_ticks: int


def parse_stat(line: str) -> Stat:
    """Return the identity in one line of /proc/<pid>/stat; the name in it may hold spaces and parentheses."""
    pid, _, rest = line.partition(" ")
    fields = rest.rpartition(")")[2].split()
    return Stat(pid=int(pid), state=fields[0], parent=int(fields[1]), started_ticks=int(fields[19]))


def read_stat(pid: int) -> Stat | None:
    """Return the identity of a process that runs now, or None."""
    try:
        return parse_stat(Path(f"/proc/{pid}/stat").read_text())
    except (OSError, ValueError, IndexError):
        return None


@dataclass(frozen=True, slots=True)
class Process:
    """One program of an instance: its name, its pid file and its log."""

    name: str
    pid_file: Path
    log_file: Path

    def start(self, command: Command) -> None:
        """Start the program in a session of its own, as nobody's child; its output is appended to the log."""
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        self.pid_file.unlink(missing_ok=True)
        with self.log_file.open("ab") as log:
            words = [str(word) for word in command]
            subprocess.run(
                ["setsid", "--fork", "/bin/sh", "-c", RECORD_AND_BECOME, str(self.pid_file), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                check=True,
            )
        wait_until(self.pid_file.exists, what=f"{self.name}: {self.pid_file} written", seconds=10, every=0.002)

    def pid(self) -> int | None:
        """Return the pid while the program runs, else None."""
        try:
            line, boot = self.pid_file.read_text().splitlines()
            recorded = parse_stat(line)
        except (OSError, ValueError, IndexError):
            return None
        now = read_stat(recorded.pid)
        if now is None or now.state in "ZX" or now.started_ticks != recorded.started_ticks:
            return None
        return recorded.pid if boot == BOOT_ID.read_text().strip() else None

    def recorded(self) -> bool:
        """Tell whether the program was started and not stopped, alive or not."""
        return self.pid_file.exists()

    def require_alive(self) -> None:
        """Raise ProgramDiedError with the end of the log when the program has ended."""
        if self.pid() is None:
            end = tail(self.log_file.read_text(errors="replace")) if self.log_file.exists() else "    (no log)"
            raise ProgramDiedError(f"{self.name} ended although it should run. The end of {self.log_file}:\n{end}")

    def stop(self, *, grace_seconds: float = 10.0) -> None:
        """End the program if it runs: by SIGTERM, and by SIGKILL once the grace is over."""
        pid = self.pid()
        if pid is not None:
            with suppress(ProcessLookupError):
                descriptor = os.pidfd_open(pid)
                try:
                    # Asked again: the pidfd belongs to whoever has the pid by now, the file says who should.
                    if self.pid() == pid:
                        _end(descriptor, grace_seconds)
                finally:
                    os.close(descriptor)
        self.pid_file.unlink(missing_ok=True)


def _end(descriptor: int, grace_seconds: float) -> None:
    if grace_seconds > 0:
        signal.pidfd_send_signal(descriptor, signal.SIGTERM)
        if _ended(descriptor, grace_seconds):
            return
    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    _ended(descriptor, 10.0)


def _ended(descriptor: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def only_child(parent: int, *, seconds: float = 5.0) -> int:
    """Return the pid of the one child of a process, once it exists."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError):
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
            if children:
                return int(children[0])
        time.sleep(0.005)
    raise ProgramDiedError(
        f"Process {parent} has no child after {seconds:.0f} s, expected the one that it was to start."
    )
