"""The operator as a process of its own, with just the rights that it says it needs, and what it writes."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

from devcluster.instance import cache_root, load_instance
from devcluster.kubectl import Kubectl
from tests.integration.conftest import INSTANCE
from trading_operator.generate.rbac import build_rules
from trading_operator.kinds import GRANTS, HOME_GRANTS, Grant

Document = dict[str, Any]
Found = TypeVar("Found")

HOME: Final = "operator"
"""Namespace of the operator's account."""
ACCOUNT: Final = "trading-operator"
USER: Final = f"system:serviceaccount:{HOME}:{ACCOUNT}"
_PORTS_FROM: Final = 20_000
_PORTS: Final = 10_000
WRITES: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})
CONDITION_SECONDS: Final = 5.0
"""How soon a mistake has its condition (bar R3)."""
SLACK_FOR_LOAD: Final = 5.0
"""Seconds that a bar may be missed by: bars are of an idle machine, and tests share theirs with the control plane."""


def wait_for(look: Callable[[], Found | None], what: str, seconds: float = 20) -> Found:
    """Return the first thing that `look` finds; fail after so many seconds, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"after {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return found


@dataclass(slots=True)
class OperatorProcess:
    """One operator. Starts and stops; says whether it is ready."""

    kubeconfig: Path
    namespaces: tuple[str, ...]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start and wait until it is ready."""
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """Start and wait for nothing."""
        self.port = free_port()
        environment = {
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig),
            "TRADING_OPERATOR_NAMESPACES": ",".join(self.namespaces),
            "TRADING_OPERATOR_PORT": str(self.port),
            **self.environment,
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "trading_operator", "run"], env=environment, stdout=log, stderr=log
            )

    def await_ready(self) -> None:
        wait_for(self.is_ready, f"the operator is ready; it says {self.log.read_text()[-2000:]}", 30)

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Stop and return the exit code."""
        assert self._process is not None
        self._process.send_signal(with_signal)
        return self._process.wait(timeout=20)

    def suspend(self) -> None:
        """Stop every thread of it where it stands, as a machine that is out of memory does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on, not knowing how long it stood."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def is_ready(self) -> bool:
        assert self.is_running(), f"the operator ended: {self.log.read_text()[-3000:]}"
        return self.probe("readyz")[0] == 200

    def probe(self, path: str) -> tuple[int, str]:
        """Return status and text of one of its pages; status 0 where nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""


@dataclass(frozen=True, slots=True)
class Namespace:
    """One namespace, and what tests do in it."""

    kubectl: Kubectl
    name: str

    def apply(self, *documents: Document) -> None:
        """Apply documents as a user does, each moved into this namespace."""
        for document in documents:
            document["metadata"]["namespace"] = self.name
        self.kubectl("apply", "--server-side", "--filename=-", text=yaml.safe_dump_all(documents))

    def get(self, kind: str, name: str) -> Document:
        return self.kubectl.get(kind, name, f"--namespace={self.name}")

    def find(self, kind: str, name: str) -> Document | None:
        return self.kubectl.find(kind, name, f"--namespace={self.name}")

    def names(self, kinds: str) -> set[str]:
        """Return what there is of some kinds, as `kind/name`, without what Kubernetes puts there itself."""
        found = self.kubectl("get", kinds, f"--namespace={self.name}", "--output=name").split()
        return set(found) - {"configmap/kube-root-ca.crt", "serviceaccount/default"}

    def delete(self, kind: str, name: str, *options: str) -> None:
        self.kubectl("delete", kind, name, f"--namespace={self.name}", *options)

    def patch(self, kind: str, name: str, patch: Document, *options: str) -> None:
        """Merge a patch, as somebody with kubectl would."""
        text = json.dumps(patch)
        self.kubectl("patch", kind, name, f"--namespace={self.name}", "--type=merge", f"--patch={text}", *options)

    def ready_is(self, kind: str, name: str, reason: str, status: str = "False") -> Document:
        """Wait until Ready has a reason, and return the condition."""

        def look() -> Document | None:
            ready = condition_of(self.get(kind, name))
            return ready if (ready.get("reason"), ready.get("status")) == (reason, status) else None

        return wait_for(look, f"{kind} {name} is Ready={status}, {reason}")


def condition_of(document: Document, kind: str = "Ready") -> Document:
    """Return a condition of an object, or an empty document."""
    conditions: list[Document] = (document.get("status") or {}).get("conditions", [])
    return next((condition for condition in conditions if condition["type"] == kind), {})


def writes_in(namespace: str, since: int = 0) -> list[str]:
    """Return the operator's writes in a namespace, from the API server's audit log, as `verb path`."""
    instance = load_instance(cache_root(), INSTANCE)
    assert instance is not None
    found = []
    for line in (instance.folder / "log" / "audit.log").read_text().splitlines():
        if USER not in line or f"/namespaces/{namespace}/" not in line:
            continue
        event = json.loads(line)
        if event["verb"] in WRITES and event["user"]["username"] == USER and event["stage"] == "ResponseComplete":
            found.append(f"{event['verb']} {event['requestURI'].partition('?')[0]}")
    return found[since:]


def install_account(kubectl: Kubectl, namespaces: tuple[str, ...], folder: Path, account: str = ACCOUNT) -> Path:
    """Give an operator an account with its grants in some namespaces; return a kubeconfig of the account."""
    documents: list[Document] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in (HOME, *namespaces)
    ]
    documents.append({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _named(account, HOME)})
    documents += _role(account, f"{account}-home", HOME, HOME_GRANTS)
    for namespace in namespaces:
        documents += _role(account, account, namespace, GRANTS)
    kubectl("apply", "--server-side", "--force-conflicts", "--filename=-", text=yaml.safe_dump_all(documents))
    return account_kubeconfig(kubectl, account, folder)


def account_kubeconfig(kubectl: Kubectl, account: str, folder: Path) -> Path:
    """Return a kubeconfig of an account that is there."""
    token = kubectl("create", "token", account, f"--namespace={HOME}", "--duration=4h").strip()
    config = yaml.safe_load(kubectl.kubeconfig.read_text())
    config["users"] = [{"name": user["name"], "user": {"token": token}} for user in config["users"]]
    path = folder / f"{account}.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


def _role(account: str, name: str, namespace: str, grants: tuple[Grant, ...]) -> list[Document]:
    api_version = "rbac.authorization.k8s.io/v1"
    metadata = _named(name, namespace)
    subject = {"kind": "ServiceAccount", "name": account, "namespace": HOME}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    return [
        {"apiVersion": api_version, "kind": "Role", "metadata": metadata, "rules": build_rules(grants)},
        {
            "apiVersion": api_version,
            "kind": "RoleBinding",
            "metadata": metadata,
            "subjects": [subject],
            "roleRef": reference,
        },
    ]


def _named(name: str, namespace: str) -> Document:
    return {"name": name, "namespace": namespace}


def free_port() -> int:
    """Return a port that nothing listens on, of those that the kernel gives to no outgoing connection."""
    while True:
        port = _PORTS_FROM + secrets.randbelow(_PORTS)
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)):
                return port
