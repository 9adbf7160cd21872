"""Signals from their streams: those of several strategies merged into one order, page by page."""

import heapq
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

import orjson
from redis.asyncio import Redis

from trading_workloads.contract import SystemKeys
from trading_workloads.services.signal.cursor import Place, encode_cursor, place_of
from trading_workloads.services.signal.query import SignalQuery
from trading_workloads.store.connection import command

FEWEST_AT_ONCE: Final = 8
MOST_AT_ONCE: Final = 256
MOST_LOOKED_AT: Final = 50_000
"""Entries that one request may look at; a rare symbol's page then comes short, with a cursor to go on."""

Entries: TypeAlias = list[tuple[bytes, dict[bytes, bytes]]]


class Found(NamedTuple):
    """One signal as its stream has it."""

    place: Place
    record: bytes


@dataclass(frozen=True, slots=True)
class SignalPage:
    """Signals in order, and where the next page begins; None when there is none."""

    records: list[bytes]
    next_cursor: str | None

    def encode(self) -> bytes:
        """Return the page as JSON; records stay as the runner wrote them."""
        signals = [orjson.Fragment(record) for record in self.records]
        return orjson.dumps({"signals": signals, "nextCursor": self.next_cursor})


async def read_signals(redis: Redis, keys: SystemKeys, strategies: Iterable[str], query: SignalQuery) -> SignalPage:
    """Return the page that a query asks for, over these strategies. Raises RedisError."""
    records: list[bytes] = []
    looked_at = 0
    last: Place | None = None
    async for found in _merged(redis, keys, sorted(set(strategies)), query):
        if len(records) == query.limit or looked_at == MOST_LOOKED_AT:
            return SignalPage(records, encode_cursor(last) if last else None)
        looked_at += 1
        last = found.place
        if query.symbol is None or orjson.loads(found.record)["symbol"] == query.symbol:
            records.append(found.record)
    return SignalPage(records, None)


async def _merged(redis: Redis, keys: SystemKeys, strategies: list[str], query: SignalQuery) -> AsyncIterator[Found]:
    """Yield the signals of all strategies in the query's order, reading each stream a little ahead."""
    count = max(FEWEST_AT_ONCE, min(MOST_AT_ONCE, 2 * query.limit // max(1, len(strategies))))
    async with redis.pipeline(transaction=False) as pipeline:
        for strategy in strategies:
            pipeline.execute_command(*_read(keys, strategy, query, _start(strategy, query), count))
        firsts = await pipeline.execute()
    readers = {
        strategy: _one(redis, keys, strategy, query, entries=first, count=count)
        for strategy, first in zip(strategies, firsts, strict=True)
    }
    foremost = [await anext(reader, None) for reader in readers.values()]
    heads = [(_sort_key(found.place, query), found) for found in foremost if found is not None]
    heapq.heapify(heads)
    while heads:
        _, found = heads[0]
        yield found
        following = await anext(readers[found.place.strategy], None)
        if following is None:
            heapq.heappop(heads)
        else:
            heapq.heapreplace(heads, (_sort_key(following.place, query), following))


async def _one(
    redis: Redis, keys: SystemKeys, strategy: str, query: SignalQuery, *, entries: Entries, count: int
) -> AsyncIterator[Found]:
    """Yield one strategy's signals: those that are read already, and what comes after them."""
    while True:
        for entry, fields in entries:
            yield Found(place_of(entry, strategy), fields[b"signal"])
        if len(entries) < count:
            return
        after = f"({entries[-1][0].decode()}"
        count = MOST_AT_ONCE
        entries = await command(redis, *_read(keys, strategy, query, after, count))


def _read(keys: SystemKeys, strategy: str, query: SignalQuery, start: str | None, count: int) -> tuple[str | int, ...]:
    stream, lowest, highest = keys.signals(strategy), f"{query.from_ms}-0", f"{query.to_ms}"
    if query.ascending:
        return "XRANGE", stream, start or lowest, highest, "COUNT", count
    return "XREVRANGE", stream, start or highest, lowest, "COUNT", count


def _start(strategy: str, query: SignalQuery) -> str | None:
    """Return where in a strategy's stream the query goes on: the place itself belongs to strategies not shown yet."""
    if query.after is None:
        return None
    close_ms, number, shown = query.after
    if query.ascending:
        if close_ms < query.from_ms:
            return None
        return f"{close_ms}-{number}" if strategy > shown else f"({close_ms}-{number}"
    if close_ms > query.to_ms:
        return None
    return f"{close_ms}-{number}" if strategy < shown else f"({close_ms}-{number}"


def _sort_key(place: Place, query: SignalQuery) -> Any:  # noqa: ANN401 - tuples of either direction
    return place if query.ascending else _Descending(place)


class _Descending:
    """A place that sorts before earlier ones."""

    __slots__ = ("place",)

    def __init__(self, place: Place) -> None:
        self.place = place

    def __lt__(self, other: "_Descending") -> bool:
        return self.place > other.place
