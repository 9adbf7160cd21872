"""One workload as a process of its own, the way a pod runs it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.workloads.redis_server import free_port


def wait_until(claim: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Wait until a claim is true; fail after so many seconds, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, f"after {seconds} s: {what}"
        time.sleep(0.01)


@dataclass(slots=True)
class Workload:
    """`python -m trading_workloads <command>` with an environment; ended by its process id."""

    command: str
    environment: Mapping[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "trading_workloads", self.command],
                env={**self.environment, "TRADING_HTTP_PORT": str(self.port)},
                stdout=log,
                stderr=log,
            )

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it by SIGKILL, as a node that runs out of memory would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def terminate(self) -> float:
        """End it by SIGTERM, as Kubernetes does, and return how many seconds that took."""
        assert self.process is not None
        started = time.monotonic()
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process = None
        return time.monotonic() - started
