"""What the end-to-end tests do with a system: apply it, wait for it, read its streams, kill its processes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from devcluster.commands import run
from devcluster.instance import cache_root, load_instance
from devcluster.kubectl import Kubectl
from devcluster.namespaces import inside
from trading_workloads.contract import SIGNAL_SERVICE, SystemKeys

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart.yaml"
LAST_CLOSE_MS = 1362171600000
"""Close of 2013-03-01, the last bar of the recording, in milliseconds of UTC."""
PAGE = 1000
KINDS = "tradingsystems,strategies"

Document = dict[str, Any]
Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None], what: str, seconds: float = 120) -> Found:
    """Return the first thing that `look` finds; fail after so many seconds, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"after {seconds:.0f} s: {what}"
        time.sleep(0.5)
    return found


def condition_of(document: Document, kind: str = "Ready") -> Document:
    """Return a condition of an object, or an empty document."""
    conditions: list[Document] = document.get("status", {}).get("conditions", [])
    return next((condition for condition in conditions if condition["type"] == kind), {})


@dataclass(frozen=True, slots=True)
class Platform:
    """One TradingSystem and its strategies in a namespace of a real cluster."""

    kubectl: Kubectl
    namespace: str
    system: str = "signal-trading"

    def apply(self, documents: list[Document]) -> None:
        """Apply documents, each moved into this namespace."""
        for document in documents:
            document["metadata"]["namespace"] = self.namespace
        self.kubectl("apply", "--server-side", "--filename=-", text=yaml.safe_dump_all(documents))

    def get(self, kind: str, name: str) -> Document:
        return self.kubectl.get(kind, name, "--namespace", self.namespace)

    def system_status(self) -> Document:
        """Return the status of the system."""
        status: Document = self.get("tradingsystem", self.system)["status"]
        return status

    def wait_until_ready(self, seconds: float = 180) -> None:
        """Wait until the system and all of its strategies are Ready."""

        def all_ready() -> bool:
            items = self.kubectl.get(KINDS, "--namespace", self.namespace)["items"]
            return bool(items) and all(condition_of(item).get("status") == "True" for item in items)

        wait_for(all_ready, f"{KINDS} in {self.namespace} are Ready", seconds)

    def wait_until_replayed(self, strategy: str, seconds: float = 240) -> None:
        """Wait until a strategy's checkpoint stands at the last bar of the recording."""
        wait_for(
            lambda: self.last_bar(strategy) == LAST_CLOSE_MS,
            f"{strategy} in {self.namespace} has seen the last bar",
            seconds,
        )

    def wait_for_status(self, strategy: str, holds: Callable[[Document], bool], seconds: float = 60) -> None:
        """Wait until the status of a strategy is as it should be."""

        def look() -> bool:
            return holds(self.get("strategy", strategy).get("status", {}))

        wait_for(look, f"status of {strategy}: {self.get('strategy', strategy).get('status')}", seconds)

    def last_bar(self, strategy: str) -> int:
        """Return the close at which a strategy's checkpoint stands, in milliseconds; 0 while there is none."""
        return int(self.redis("HGET", SystemKeys(self.namespace, self.system).checkpoint(strategy), "bar") or 0)

    def signal_count(self, strategy: str) -> int:
        """Return the length of a strategy's stream, as Redis counts it."""
        return int(self.redis("XLEN", SystemKeys(self.namespace, self.system).signals(strategy)))

    def redis(self, *command: str) -> str:
        """Return the answer of Redis to one command, or nothing while Redis is not there."""
        pods = self.pods("app.kubernetes.io/component=redis")
        if not pods:
            return ""
        return self.kubectl("exec", f"--namespace={self.namespace}", pods[0], "--", "redis-cli", *command).strip()

    def signals(self, strategy: str) -> list[Document]:
        """Return every signal of a strategy, oldest first, through the API of the signal service, page by page."""
        found: list[Document] = []
        path = f"/api/v1/signals?strategy={strategy}&order=asc&limit={PAGE}"
        cursor = ""
        while True:
            page = self.query(path + cursor)
            found += page["signals"]
            if not page.get("nextCursor"):
                return found
            cursor = f"&cursor={page['nextCursor']}"

    def query(self, path: str) -> Document:
        """Return what the signal service answers."""
        return self.kubectl.service(self.namespace, SIGNAL_SERVICE, path)

    def pods(self, selector: str) -> list[str]:
        """Return the names of the running pods that a selector finds."""
        chosen = (f"--namespace={self.namespace}", f"--selector={selector}", "--field-selector=status.phase=Running")
        return self.kubectl("get", "pods", *chosen, "--output=name").split()

    def kill(self, selector: str) -> None:
        """End the process of the first pod that a selector finds by SIGKILL, and remove the pod at once."""
        (pod, *_) = self.pods(selector)
        status = self.kubectl.get(pod, f"--namespace={self.namespace}")["status"]["containerStatuses"][0]
        if container := status.get("containerID", "").removeprefix("containerd://"):
            send_kill(container)
        self.kubectl("delete", pod, f"--namespace={self.namespace}", "--grace-period=0", "--force", "--wait=false")


def send_kill(container: str, instance_name: str = "e2e") -> None:
    """End a container's process by SIGKILL."""
    instance = load_instance(cache_root(), instance_name)
    assert instance is not None
    ctr = ["ctr", "--address", "/run/containerd/containerd.sock", "--namespace", "k8s.io"]
    run(inside(instance, [*ctr, "tasks", "kill", "--signal", "SIGKILL", container]), purpose="end a container")


def quickstart(closes_per_second: int) -> list[Document]:
    """Return the documents of the quickstart, replayed at another speed."""
    documents: list[Document] = list(yaml.safe_load_all(QUICKSTART.read_text()))
    (source,) = documents[0]["spec"]["services"]["data"]["sources"]
    source["replay"]["barsPerSecond"] = str(closes_per_second)
    return documents
