"""The operator under test: a process behind a proxy, through several lives."""

import signal
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.faults.apiserver import ApiServer
from tests.faults.fleet import Fleet, OperatorChild
from tests.faults.ledger import Ledger
from tests.faults.proxy import Proxy
from tests.faults.rules import PASS_ON, Rule
from tests.faults.waiting import until
from tests.faults.zygote import KUBECONFIG, LOG
from trading_operator.kinds import CHILDREN, STRATEGY, TRADING_SYSTEM

FOLLOWED = frozenset(kind.plural for kind in (TRADING_SYSTEM, STRATEGY, *CHILDREN))


@dataclass(slots=True)
class Subject:
    """One operator over one namespace. It is started again with the same environment, as a Deployment would."""

    api_server: ApiServer
    fleet: Fleet
    namespace: str
    folder: Path
    token: str
    """Of the operator's own account."""
    environment: dict[str, str] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    _proxy: Proxy | None = None
    _child: OperatorChild | None = None
    _born: int = 0

    async def start(self, rule: Rule = PASS_ON) -> None:
        """Start a life, behind a proxy of its own: what the last one had on the wire must not reach this one's."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._proxy = Proxy(self.api_server, self.ledger, rule)
        (self.folder / KUBECONFIG).write_text(yaml.safe_dump(_kubeconfig(await self._proxy.open(), self.token)))
        environment = {
            "TRADING_OPERATOR_NAMESPACES": self.namespace,
            "TRADING_OPERATOR_PORT": "0",
            **self.environment,
        }
        self._born = self.ledger.mark()
        self._child = self.fleet.fork(self.folder, environment)

    async def stop(self) -> None:
        """End this life as Kubernetes does, by SIGTERM."""
        await self._end(signal.SIGTERM)

    async def restart(self, rule: Rule = PASS_ON) -> None:
        await self._end(signal.SIGKILL)
        await self.start(rule)

    def kill_at_once(self) -> None:
        """Send SIGKILL and return."""
        if self._child:
            self._child.send(signal.SIGKILL)

    def follow(self, rule: Rule) -> None:
        """Have the proxy go by another rule from now on."""
        self.proxy.rule = rule

    @property
    def proxy(self) -> Proxy:
        """The proxy of this life."""
        if self._proxy is None:
            raise RuntimeError("the operator was not started")
        return self._proxy

    def is_running(self) -> bool:
        return self._child is not None and self._child.is_running()

    def sees_everything(self) -> bool:
        """Tell whether this life watches every kind; before that, that it writes nothing says nothing."""
        return self.ledger.watched(self._born) >= FOLLOWED

    async def until_it_sees(self) -> None:
        await until(self.sees_everything, f"the operator of {self.namespace} watches; {self.log_end()}", 30)

    def log_end(self) -> str:
        """Return the end of what it logged."""
        log = self.folder / LOG
        return log.read_text()[-3000:] if log.exists() else "(no log)"

    async def _end(self, number: int) -> None:
        if self._child:
            self._child.send(number)
            await self._child.bury()
            self._child = None
        if self._proxy:
            await self._proxy.close()
            self._proxy = None


def _kubeconfig(server: str, token: str) -> dict[str, object]:
    name = "proxy"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": server}}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
