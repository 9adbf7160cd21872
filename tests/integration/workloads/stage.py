"""A whole system on loopback ports: Redis, the data service and runners, each a process of its own."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.workloads.expected import recording, without_emission
from tests.integration.workloads.redis_server import RedisServer
from tests.integration.workloads.workload import Workload
from trading_workloads.contract import SystemKeys

KEYS = SystemKeys("tests", "system")
TOKEN = "a-token"
LAST_BAR = recording().closes[-1].columns.close_ms


@dataclass(slots=True)
class Stage:
    """Starts workloads with the environment of their pods and looks at what they wrote."""

    redis: RedisServer
    directory: Path
    lease_seconds: float = 1.0
    workloads: list[Workload] = field(default_factory=list)

    def data(self, closes_per_second: int) -> Workload:
        """Start the data service on the recording."""
        self.pace(closes_per_second)
        return self._start("data", "data")

    def pace(self, closes_per_second: int) -> None:
        """Write the data service's document, which it follows while it runs."""
        source = {"name": "sample", "replay": {"barsPerSecond": str(closes_per_second)}}
        self._write("data", "system.json", {"sources": [source]})

    def signal(self, name: str, *documents: dict[str, Any]) -> Workload:
        """Start a signal service that finds these strategies in its mounted files."""
        for document in documents:
            self._write(name, f"{document['name']}.json", document)
        return self._start("signal", name)

    def dedicated(self, name: str, document: dict[str, Any]) -> Workload:
        """Start a pod of one strategy."""
        self._write(name, f"{document['name']}.json", document)
        return self._start("strategy", name, TRADING_STRATEGY=document["name"])

    def _write(self, pod: str, name: str, document: dict[str, Any]) -> None:
        folder = self.directory / pod
        folder.mkdir(exist_ok=True)
        written = folder / f"{name}.new"
        written.write_text(json.dumps(document))
        written.replace(folder / name)

    def _start(self, command: str, pod: str, **variables: str) -> Workload:
        token = self.directory / "token"
        token.write_text(TOKEN + "\n")
        (self.directory / pod).mkdir(exist_ok=True)
        environment = {
            "TRADING_NAMESPACE": KEYS.namespace,
            "TRADING_SYSTEM": KEYS.system,
            "POD_NAME": pod,
            "REDIS_URL": self.redis.url,
            "TRADING_CONFIG_DIRECTORY": str(self.directory / pod),
            "TRADING_TOKEN_FILE": str(token),
            "TRADING_LEASE_SECONDS": str(self.lease_seconds),
            **variables,
        }
        workload = Workload(command, environment, self.directory / f"{pod}.log")
        workload.start()
        self.workloads.append(workload)
        return workload

    def bar(self, strategy: str = "cross") -> int:
        """Return the bar at which a strategy's checkpoint stands, 0 when there is none."""
        return int(self.redis.client().hget(KEYS.checkpoint(strategy), "bar") or 0)

    def published(self) -> int:
        return int(self.redis.client().xlen(KEYS.bars("sample", "1d")))

    def signals(self, strategy: str = "cross") -> list[dict[str, Any]]:
        """Return a strategy's signals as its stream has them, without their times of emission."""
        entries = self.redis.client().xrange(KEYS.signals(strategy))
        records = [json.loads(fields[b"signal"]) for _, fields in entries]
        assert [record["id"].encode() for record in records] == [entry for entry, _ in entries]
        return [without_emission(record) for record in records]

    def close(self) -> None:
        for workload in self.workloads:
            workload.kill()
