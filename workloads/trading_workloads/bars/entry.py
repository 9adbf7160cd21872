"""One entry of a bar stream: every symbol that has a bar at one close, as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from trading_workloads.contract import BarEntry, Clock

_COLUMNS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class BarColumns:
    """The bars of one close; each column has one value per symbol. Times are milliseconds of UTC."""

    open_ms: int
    close_ms: int
    symbols: tuple[str, ...]
    open: Sequence[float]
    high: Sequence[float]
    low: Sequence[float]
    close: Sequence[float]
    volume: Sequence[float]


def entry_id(close_ms: int) -> str:
    """Return the stream id of the bars of a close."""
    return f"{close_ms}-0"


def close_of(entry: bytes) -> int:
    """Return the close that a stream id names, in milliseconds."""
    return int(entry.partition(b"-")[0])


def encode_entry(columns: BarColumns, clock: Clock) -> BarEntry:
    """Return the fields of a stream entry; the same columns always give the same text."""
    return BarEntry(
        barOpen=str(columns.open_ms),
        symbols=orjson.dumps(columns.symbols).decode(),
        open=orjson.dumps(columns.open).decode(),
        high=orjson.dumps(columns.high).decode(),
        low=orjson.dumps(columns.low).decode(),
        close=orjson.dumps(columns.close).decode(),
        volume=orjson.dumps(columns.volume).decode(),
        clock=clock,
    )


def decode_entry(entry: bytes, fields: Mapping[bytes, bytes]) -> BarColumns:
    """Return the columns of a stream entry. Raises ValueError or KeyError when it is none of ours."""
    read = {name: orjson.loads(fields[name.encode()]) for name in _COLUMNS}
    return BarColumns(
        open_ms=int(fields[b"barOpen"]),
        close_ms=close_of(entry),
        symbols=tuple(orjson.loads(fields[b"symbols"])),
        **read,
    )
