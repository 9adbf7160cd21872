"""An operator in the test's own process, over one namespace, that makes the children that a test asks for."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from devcluster.kubectl import Kubectl
from tests.integration.operator.documents import SYSTEM
from tests.integration.operator.process import wait_for
from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.cluster.credentials import load_credentials
from trading_operator.cluster.watchsession import Pulse
from trading_operator.desired.manifest import checksum
from trading_operator.desired.metadata import child_metadata
from trading_operator.handlers.process import follow_objects
from trading_operator.kinds import Kind
from trading_operator.labels import APPLIED
from trading_operator.operation import Blueprint, operate
from trading_operator.settings import Settings
from trading_operator.stock import Stock

Document = dict[str, Any]
Found = TypeVar("Found")


@dataclass(slots=True)
class Wish:
    """The children that are wanted now, by name; a test changes it and nudges the operator."""

    kubectl: Kubectl
    namespace: str
    children: dict[str, Document] = field(default_factory=dict)
    wishes: int = 0
    """How many there were: each makes another spec, as children follow from nothing else."""

    async def change(self, **children: Document | None) -> None:
        """Want these children, and no longer those that are None."""
        for name, child in children.items():
            if child is None:
                self.children.pop(name, None)
            else:
                self.children[name] = child
        self.wishes += 1
        requests = {"requests": {"cpu": f"{self.wishes}m"}}
        patch = json.dumps({"spec": {"services": {"data": {"resources": requests}}}})
        options = ("--type=merge", f"--patch={patch}", f"--namespace={self.namespace}")
        await asyncio.to_thread(self.kubectl, "patch", "tradingsystem", SYSTEM, *options)

    def desired(self, system: TradingSystem, *_: object) -> list[Document]:
        """Return the children as manifests."""
        return [_manifest(system, name, child) for name, child in self.children.items()]


def _manifest(system: TradingSystem, name: str, child: Document) -> Document:
    metadata = child_metadata(system, name, name).model_dump(mode="json", by_alias=True, exclude_none=True)
    document = {**child, "metadata": metadata}
    metadata["annotations"] = {APPLIED: checksum(document)}
    return document


@asynccontextmanager
async def operating(wish: Wish, kinds: tuple[Kind, ...]) -> AsyncIterator[None]:
    """Run the operator for the length of a block."""
    namespaces, stopping = (wish.namespace,), asyncio.Event()
    load = partial(load_credentials, str(wish.kubectl.kubeconfig))

    async def follow(stock: Stock, pulses: Sequence[Pulse]) -> None:
        await follow_objects(stock, pulses, load, namespaces)

    settings = Settings(namespaces=namespaces, port=0)
    blueprint = Blueprint(kinds, wish.desired)
    running = asyncio.create_task(operate(settings, load(), follow, stopping, blueprint))
    try:
        yield
    finally:
        stopping.set()
        await running


async def until(look: Callable[[], Found | None], what: str, seconds: float = 20) -> Found:
    """Return the first thing that `look` finds, in a thread, while the operator goes on in this one."""
    return await asyncio.to_thread(wait_for, look, what, seconds)
