"""Taking stock: our own objects listed whole, at the start and at intervals, so that nothing depends on one event."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from trading_operator.cluster.client import Client
from trading_operator.errors import ForbiddenError, WorldError
from trading_operator.inbox import Inbox
from trading_operator.kinds import OBJECTS, Kind
from trading_operator.observed import Document, trim_object

log = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 2.0
"""How often a server that cannot be asked yet is asked again."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Lists our own objects into the inbox."""

    client: Client
    inbox: Inbox
    scopes: Sequence[str | None]
    selectors: Mapping[str, str]
    _fresh: dict[tuple[Kind, str | None], str] = field(default_factory=dict)
    """As of which versions stock was first taken, as long as nobody has gone on from there."""

    async def take(self, kind: Kind, scope: str | None, *, news: bool = True) -> str:
        """List a kind of ours, in a namespace or in all; return as of which version.

        Raises WorldError, and then nothing has been dropped. Without `news` nothing that is found counts as new.
        """
        found: list[Document] = []
        version = ""
        async for page in self.client.pages(kind, scope, self.selectors):
            found += map(trim_object, page.items)
            version = page.version
        self.inbox.replace(kind, scope, found, int(version or 0), news=news)
        return version

    async def take_to_follow(self, kind: Kind, scope: str | None) -> str:
        """Return the version from which changes are to be followed: of the first stock, and after that of a new one."""
        return self._fresh.pop((kind, scope), None) or await self.take(kind, scope)

    async def take_first(self) -> None:
        """Take stock, however long the API server takes to serve our kinds and to let us.

        A namespace that may not be listed holds up no other: kopf asks for it again and again.
        """
        while True:
            try:
                await self.wait_for_definitions()
                refused = [place for place in self._places() if not await self._take_first_of(*place)]
            except WorldError as error:
                log.warning("objects cannot be listed yet", extra={"error": str(error)})
            else:
                if len(refused) < len(list(self._places())):
                    return
            await asyncio.sleep(PATIENCE_SECONDS)

    async def take_at_intervals(self, seconds: float, jitter: random.Random, beforehand: Callable[[], None]) -> None:
        """Take stock for ever, something else each time before: an event that was lost is found."""
        while True:
            await asyncio.sleep(seconds * (0.9 + jitter.random() / 5))
            beforehand()
            for kind, scope in self._places():
                try:
                    await self.take(kind, scope)
                except WorldError as error:
                    _tell(kind, scope, error)

    async def _take_first_of(self, kind: Kind, scope: str | None) -> bool:
        """List a kind; tell whether that is allowed."""
        try:
            self._fresh[kind, scope] = await self.take(kind, scope, news=False)
        except ForbiddenError as error:
            _tell(kind, scope, error)
            return False
        return True

    def _places(self) -> Iterator[tuple[Kind, str | None]]:
        return ((kind, scope) for scope in self.scopes for kind in OBJECTS)

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


def _tell(kind: Kind, scope: str | None, error: WorldError) -> None:
    place = {"kind": kind.plural, "namespace": scope or "all"}
    log.warning("objects cannot be listed", extra={**place, "error": str(error)})
