"""A recording: bars that have passed the door, close by close, with those that were refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trading_workloads.bars.door import Door, RawBar, Refusal
from trading_workloads.bars.entry import BarColumns


@dataclass(frozen=True, slots=True)
class Close:
    """Everything that is published at one close: good bars, and bars refused since the close before."""

    columns: BarColumns
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """Closes in order of time; the same input always gives the same recording."""

    symbols: tuple[str, ...]
    closes: tuple[Close, ...]


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """When a session opens and closes, in milliseconds of UTC."""

    open_ms: int
    close_ms: int


def record(bars: Iterable[RawBar], symbols: tuple[str, ...], sessions: Mapping[str, SessionTimes]) -> Recording:
    """Return the recording of bars that come in the order of their source.

    `sessions` maps dates to opening hours. Refused bars go with the first close that is not before them in
    the source's order, or with the last one.
    """
    door = Door(symbols)
    kept: dict[int, list[RawBar]] = {}
    refused: dict[int, list[Refusal]] = {}
    for bar in bars:
        times = sessions.get(bar.session)
        refusal = door.check(bar, times.close_ms if times else None)
        if refusal is not None:
            refused.setdefault(times.close_ms if times else 0, []).append(refusal)
        elif times is not None:
            kept.setdefault(times.close_ms, []).append(bar)
    opening = {times.close_ms: times.open_ms for times in sessions.values()}
    return Recording(symbols, _closes(kept, refused, opening, symbols))


def _closes(
    kept: dict[int, list[RawBar]],
    refused: dict[int, list[Refusal]],
    opening: Mapping[int, int],
    symbols: tuple[str, ...],
) -> tuple[Close, ...]:
    order = {symbol: index for index, symbol in enumerate(symbols)}
    waiting = sorted(refused)
    closes = []
    moments = sorted(kept)
    for close_ms in moments:
        last = close_ms == moments[-1]
        here: list[Refusal] = []
        while waiting and (last or waiting[0] <= close_ms):
            here += refused[waiting.pop(0)]
        bars = sorted(kept[close_ms], key=lambda bar: order[bar.symbol])
        closes.append(Close(_columns(opening[close_ms], close_ms, bars), tuple(here)))
    return tuple(closes)


def _columns(open_ms: int, close_ms: int, bars: list[RawBar]) -> BarColumns:
    return BarColumns(
        open_ms=open_ms,
        close_ms=close_ms,
        symbols=tuple(bar.symbol for bar in bars),
        open=[bar.open for bar in bars],
        high=[bar.high for bar in bars],
        low=[bar.low for bar in bars],
        close=[bar.close for bar in bars],
        volume=[bar.volume for bar in bars],
    )
