"""One running replay: a recording published at its pace, over failures of Redis and restarts of its own."""

import asyncio
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import Counter
from redis.exceptions import RedisError

from trading_workloads.bars.entry import entry_id
from trading_workloads.bars.recording import Close, Recording
from trading_workloads.services.data.publisher import NOTHING_YET, Publisher
from trading_workloads.services.data.schedule import Schedule
from trading_workloads.store.patience import Patience

BATCH: Final = 100
"""Most closes in one script: Redis serves nobody else while it runs."""
SHORTEST_SLEEP_SECONDS: Final = 0.005
LOOK_SECONDS: Final = 1.0
"""How often the end of the stream is looked at when there is nothing to publish."""

PUBLISHED = Counter("bars_published_total", "Closes published, each with every symbol that has it.", ["source"])
QUARANTINED = Counter("bars_quarantined_total", "Bars refused at the door.", ["source", "reason"])


@dataclass(slots=True)
class Replay:
    """Publishes a recording; `position` closes of it are in the stream, as far as is known."""

    recording: Recording
    publisher: Publisher
    per_second: float
    position: int = 0
    _expected: str = NOTHING_YET
    _moments: list[int] = field(init=False)
    _schedule: Schedule | None = None

    def __post_init__(self) -> None:
        self._moments = [close.columns.close_ms for close in self.recording.closes]

    @property
    def finished(self) -> bool:
        """Whether every close is in the stream."""
        return self.position == len(self._moments)

    @property
    def last_close_ms(self) -> int | None:
        """Close of the newest published bar."""
        return self._moments[self.position - 1] if self.position else None

    async def run(self) -> None:
        """Publish for ever; after the last close, watch that the stream keeps it. Ends only when cancelled."""
        patience = Patience(f"replay {self.publisher.source}")
        while True:
            try:
                await self._advance()
                patience.after_success()
            except RedisError as error:
                await asyncio.sleep(patience.after_failure(error))

    async def _advance(self) -> None:
        """Publish what is due, or, when the stream does not end where expected, go to where it ends."""
        clock = asyncio.get_running_loop().time
        due = min(self._schedule.due(clock()), self.position + BATCH) if self._schedule else self.position
        batch = self.recording.closes[self.position : due]
        elsewhere = await self.publisher.publish(self._expected, batch)
        if elsewhere is not None:
            self._expected = elsewhere
            self.position = bisect_right(self._moments, int(elsewhere.partition("-")[0]))
            return
        if batch:
            self._expected = entry_id(batch[-1].columns.close_ms)
            self.position += len(batch)
            self._count(batch)
        if self._schedule is None:  # the stream has answered: what it has is where this run starts
            self._schedule = Schedule(clock(), self.position, self.per_second)
        await asyncio.sleep(self._pause_seconds(self._schedule, clock()))

    def _pause_seconds(self, schedule: Schedule, now: float) -> float:
        if self.finished:
            return LOOK_SECONDS
        wait = schedule.seconds_until(self.position, now)
        return min(max(wait, SHORTEST_SLEEP_SECONDS), LOOK_SECONDS) if wait else 0

    def _count(self, batch: tuple[Close, ...]) -> None:
        PUBLISHED.labels(self.publisher.source).inc(len(batch))
        for close in batch:
            for refusal in close.refusals:
                QUARANTINED.labels(self.publisher.source, refusal.fault).inc()
