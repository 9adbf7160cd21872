"""What there is in the cluster, followed by watches that every contestant is measured with alike."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bench.operator.apiserver import ApiServer, Document
from bench.operator.synthetic import KINDS
from trading_operator.kinds import TRADING_SYSTEM, Kind
from trading_operator.labels import PART_OF, PART_OF_VALUE

SELECTOR: Final = f"{PART_OF}={PART_OF_VALUE}"
"""Every child, whoever made it: Helm puts its own name into the label that says who did."""
LONGEST_SECONDS: Final = 300.0


class Identity(NamedTuple):
    """One object, by its kind and its name."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """How an object was when it was last seen."""

    uid: str
    version: int
    seen: float
    document: Document


class UnfulfilledError(Exception):
    """What was waited for did not happen."""


@dataclass(slots=True)
class Census:
    """Every object of some kinds, as the watches say; what is waited for is looked at again with each event."""

    present: dict[Identity, Sighting] = field(default_factory=dict)
    _waiting: dict[asyncio.Future[None], Callable[[], bool]] = field(default_factory=dict)

    async def wait(self, condition: Callable[[], bool], what: str, seconds: float = LONGEST_SECONDS) -> float:
        """Return when a condition held, by the monotonic clock. Raises UnfulfilledError."""
        if not condition():
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting[future] = condition
            try:
                await asyncio.wait_for(future, seconds)
            except TimeoutError:
                raise UnfulfilledError(f"{what}: not so after {seconds:.0f} s; {len(self.present)} are seen") from None
            finally:
                del self._waiting[future]
        return time.monotonic()

    async def counts(self, count: int) -> float:
        """Return when there were so many objects."""
        return await self.wait(lambda: len(self.present) == count, f"{count} objects")

    def take(self, event_type: str, document: Document) -> None:
        """Take in one event of a watch, or one item of a list."""
        metadata = document["metadata"]
        identity = Identity(document["kind"], metadata["namespace"], metadata["name"])
        if event_type == "DELETED":
            self.present.pop(identity, None)
        else:
            version = int(metadata["resourceVersion"])
            self.present[identity] = Sighting(metadata["uid"], version, time.monotonic(), document)
        for future, condition in self._waiting.items():
            if not future.done() and condition():
                future.set_result(None)


@asynccontextmanager
async def children_followed(api: ApiServer) -> AsyncIterator[Census]:
    """Give the census of all children; their metadata alone, which costs the API server least."""
    async with _followed(api, KINDS, SELECTOR, metadata_only=True) as census:
        yield census


@asynccontextmanager
async def systems_followed(api: ApiServer) -> AsyncIterator[Census]:
    """Give the census of all TradingSystems, with their statuses."""
    async with _followed(api, (TRADING_SYSTEM,), "", metadata_only=False) as census:
        yield census


@asynccontextmanager
async def _followed(
    api: ApiServer, kinds: Iterable[Kind], selector: str, *, metadata_only: bool
) -> AsyncIterator[Census]:
    census = Census()
    tasks = []
    for kind in kinds:
        version = ""
        async for page in api.pages(kind, selector, metadata_only=metadata_only):
            version = page["metadata"]["resourceVersion"]
            for item in page["items"]:
                census.take("ADDED", {**item, "kind": kind.kind})
        events = api.watch(kind, version, selector, metadata_only=metadata_only)
        tasks.append(asyncio.create_task(_take_all(census, kind, events)))
    try:
        yield census
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _take_all(census: Census, kind: Kind, events: AsyncIterator[Document]) -> None:
    async for event in events:
        if event["type"] == "ERROR":
            raise UnfulfilledError(f"watch of {kind.plural}: {event['object']}")
        census.take(event["type"], {**event["object"], "kind": kind.kind})
