"""Bars from their streams: one reader for every strategy that follows the same stream."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from trading_workloads.bars.entry import BarColumns, close_of, decode_entry
from trading_workloads.store.connection import command

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """Every bar of one stream after a moment, up to the last one here; a strategy at or past `after` may take it."""

    stream: str
    after: int
    bars: tuple[BarColumns, ...]


async def read_pages(redis: Redis, positions: Mapping[str, Iterable[int]], count: int, block_ms: int) -> list[Page]:
    """Return pages of up to `count` bars of each stream, after the lowest and after the highest of its positions.

    When every strategy of each stream is at one place, this waits for new bars, up to `block_ms`.
    Raises RedisError.
    """
    ends = {stream: sorted(set(moments)) for stream, moments in positions.items()}
    if all(len(moments) == 1 for moments in ends.values()):
        return await _follow(redis, {stream: moments[0] for stream, moments in ends.items()}, count, block_ms)
    pages = []
    async with redis.pipeline(transaction=False) as pipeline:
        wanted = [(stream, after) for stream, moments in ends.items() for after in {moments[0], moments[-1]}]
        for stream, after in wanted:
            pipeline.xrange(stream, f"({after}-0", "+", count)
        for (stream, after), entries in zip(wanted, await pipeline.execute(), strict=True):
            pages.append(_page(stream, after, entries))
    found = [page for page in pages if page.bars]
    if not found:  # no stream has any: wait for the first one after the lowest place
        return await _follow(redis, {stream: moments[0] for stream, moments in ends.items()}, count, block_ms)
    return found


async def _follow(redis: Redis, after: Mapping[str, int], count: int, block_ms: int) -> list[Page]:
    moments = [f"{moment}-0" for moment in after.values()]
    answer = await command(redis, "XREAD", "COUNT", count, "BLOCK", block_ms, "STREAMS", *after, *moments)
    return [_page(stream.decode(), after[stream.decode()], entries) for stream, entries in answer or ()]


def _page(stream: str, after: int, entries: Any) -> Page:  # noqa: ANN401 - a command's answer
    return Page(stream, after, tuple(_bars(stream, entry, fields) for entry, fields in entries))


def _bars(stream: str, entry: bytes, fields: Mapping[bytes, bytes]) -> BarColumns:
    """Return an entry's bars; an entry that is none of ours is a close at which no symbol has a bar."""
    try:
        return decode_entry(entry, fields)
    except (KeyError, ValueError) as error:
        _log.error("entry has no bars", extra={"stream": stream, "entry": entry.decode(), "error": repr(error)})
        close_ms = close_of(entry)
        return BarColumns(close_ms, close_ms, (), (), (), (), (), ())


async def newest_close(redis: Redis, stream: str) -> int:
    """Return the close of a stream's newest bar in milliseconds, 0 when it has none. Raises RedisError."""
    entries = await command(redis, "XREVRANGE", stream, "+", "-", "COUNT", 1)
    return int(entries[0][0].partition(b"-")[0]) if entries else 0
