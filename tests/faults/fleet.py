"""Operators as processes that can be killed at a given moment, forked from one parent."""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class OperatorChild:
    """One operator's process, held by a pidfd: a signal can never reach another process with the same pid."""

    pidfd: int

    def is_running(self) -> bool:
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        return not poll.poll(0)

    def send(self, number: int) -> None:
        """Send a signal, to a process that may be gone."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)

    async def bury(self, seconds: float = 20) -> None:
        """Wait until the process is gone."""
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        loop.add_reader(self.pidfd, gone.set)
        try:
            async with asyncio.timeout(seconds):
                await gone.wait()
        finally:
            loop.remove_reader(self.pidfd)
            if gone.is_set():
                os.close(self.pidfd)


class Fleet:
    """Forks operators. Use it as a context; at its end whoever still runs is killed."""

    def __init__(self) -> None:
        self._parent: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._parent and self._parent.stdin:
            self._parent.stdin.close()
            self._parent.wait(timeout=20)

    def fork(self, folder: Path, environment: Mapping[str, str]) -> OperatorChild:
        """Start an operator in a folder that has its kubeconfig; its log is written there."""
        if not (self._parent and self._parent.stdin and self._parent.stdout):
            raise RuntimeError("a Fleet is used outside of its context")
        self._parent.stdin.write(json.dumps({"folder": str(folder), "environment": dict(environment)}) + "\n")
        self._parent.stdin.flush()
        return OperatorChild(os.pidfd_open(int(self._parent.stdout.readline())))
