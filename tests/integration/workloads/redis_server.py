"""A real Redis on a free loopback port, with its files in a folder of the test; ended by its process id."""

import contextlib
import functools
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from devcluster.errors import PrerequisiteError
from devcluster.prerequisites import Package, ensure


@functools.cache
def redis_program() -> str:
    """Return the path of redis-server, installed where that is possible; empty where it is not."""
    with contextlib.suppress(PrerequisiteError):
        ensure("Redis for the tests", [Package("redis-server", "redis-server")], as_root=False)
    return shutil.which("redis-server") or ""


def require_redis() -> str:
    """Return the path of redis-server; skips where the machine has none and cannot be given one."""
    if not (program := redis_program()):
        pytest.skip("redis-server is not installed; install it (Debian: apt-get install redis-server) for these tests")
    return program


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass(slots=True)
class RedisServer:
    """One Redis, which writes every change to a file like the operator's, once a second."""

    directory: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Redis:
        return Redis(port=self.port, protocol=2)

    def start(self) -> None:
        """Start, and wait until it answers."""
        program = require_redis()
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory), "--save", ""]
        log = self.directory / "redis.log"
        self.process = subprocess.Popen(
            [program, *options, "--appendonly", "yes", "--appendfsync", "everysec", "--logfile", str(log)]
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                self.client().ping()
            except RedisError:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.01)
            else:
                return

    def kill(self) -> None:
        """End it as a failing node would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
