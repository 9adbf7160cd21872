"""A contestant as a process of its own, and what the kernel says that it took."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
KIBIBYTES_PER_MEGABYTE: Final = 1_000_000 / 1024


class ProgramEndedError(Exception):
    """A contestant ended although it should run."""


@dataclass(slots=True)
class Program:
    """One process; what it says goes to a log, what it is asked and answers goes through pipes."""

    command: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    started: float = 0.0
    """When it was started, by the monotonic clock."""
    _process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.started = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(str(word) for word in self.command),
                env={**os.environ, **self.environment},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )

    async def ask(self, line: str) -> str:
        """Write a line to the process and return the line that it answers."""
        process = self.running
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process has no pipes")
        process.stdin.write(f"{line}\n".encode())
        await process.stdin.drain()
        if answer := await process.stdout.readline():
            return answer.decode().strip()
        raise ProgramEndedError(self._last_words())

    async def stop(self) -> None:
        """End the process, and wait until it is gone."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), 30)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    @property
    def running(self) -> asyncio.subprocess.Process:
        """The process. Raises ProgramEndedError where it does not run."""
        if self._process is None or self._process.returncode is not None:
            raise ProgramEndedError(self._last_words())
        return self._process

    def cpu_seconds(self) -> float:
        """Return what it has taken of the processors so far, for itself and in the kernel."""
        fields = Path(f"/proc/{self.running.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def peak_megabytes(self) -> float:
        """Return the most memory that it ever held (VmHWM)."""
        status = Path(f"/proc/{self.running.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / KIBIBYTES_PER_MEGABYTE

    def _last_words(self) -> str:
        said = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
        return f"{self.command} ended; it said: {said}"
