"""Taking stock: our own objects listed whole, at the start and at intervals, so that nothing depends on one event."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from trading_operator.cluster.client import Client
from trading_operator.errors import WorldError
from trading_operator.inbox import Inbox
from trading_operator.kinds import OBJECTS
from trading_operator.observed import Document, trim_object

log = logging.getLogger(__name__)

GATHER_SECONDS: Final = 3.0
"""For how long askers are gathered: kopf lists kind by kind, namespace by namespace, and the first passes go first."""
PATIENCE_SECONDS: Final = 2.0
"""How often a server that cannot be asked yet is asked again."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Lists our own objects into the inbox."""

    client: Client
    inbox: Inbox
    scopes: Sequence[str | None]
    selectors: Mapping[str, str]
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self) -> None:
        """Have stock taken soon: something may have gone that no event tells of."""
        self._asked.set()

    async def take(self) -> None:
        """List every object of ours. Raises WorldError, and then nothing has been dropped."""
        for scope in self.scopes:
            for kind in OBJECTS:
                found: list[Document] = []
                version = 0
                async for page in self.client.pages(kind, scope, self.selectors):
                    found += map(trim_object, page.items)
                    version = int(page.version or 0)
                self.inbox.replace(kind, scope, found, version)

    async def take_first(self) -> None:
        """Take stock, however long the API server takes to serve our kinds and to let us."""
        while True:
            try:
                await self.wait_for_definitions()
                await self.take()
            except WorldError as error:
                log.warning("objects cannot be listed yet", extra={"error": str(error)})
                await asyncio.sleep(PATIENCE_SECONDS)
            else:
                return

    async def take_at_intervals(self, seconds: float, jitter: random.Random, beforehand: Callable[[], None]) -> None:
        """Take stock for ever, and when asked, something else each time before: an event that was lost is found."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), seconds * (0.9 + jitter.random() / 5))
                await asyncio.sleep(GATHER_SECONDS)
            self._asked.clear()
            beforehand()
            try:
                await self.take()
            except WorldError as error:
                log.warning("objects cannot be listed", extra={"error": str(error)})

    async def wait_for_definitions(self) -> None:
        """Return once the API server serves our kinds, however long that takes."""
        while True:
            try:
                absent = [kind.kind for kind in OBJECTS if not await self.client.serves(kind)]
            except WorldError as error:
                log.warning("definitions cannot be read yet", extra={"error": str(error)})
            else:
                if not absent:
                    return
                log.warning("custom resources are not served yet", extra={"kinds": ",".join(absent)})
            await asyncio.sleep(PATIENCE_SECONDS)
