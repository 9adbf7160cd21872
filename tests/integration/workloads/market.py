"""A data service under the test's control: bars of the recording, published as far as the test says."""

import orjson
from redis.asyncio import Redis

from tests.integration.workloads.expected import recording
from trading_workloads.bars.entry import entry_id
from trading_workloads.contract import SourceDocument, SystemKeys
from trading_workloads.services.data.publisher import NOTHING_YET, Publisher
from trading_workloads.store.connection import command


class Market:
    """Publishes the recording bar by bar as source `sample`."""

    def __init__(self, redis: Redis, keys: SystemKeys) -> None:
        self._redis = redis
        self._keys = keys
        self._publisher = Publisher(redis, keys, "sample", "1d", "replay")
        self.published = 0

    async def open(self, clock: str = "replay") -> None:
        """Register the source."""
        document = SourceDocument(symbols=list(recording().symbols), timeframe="1d", clock=clock)  # type: ignore[typeddict-item]
        await command(self._redis, "HSET", self._keys.sources(), "sample", orjson.dumps(document))

    async def publish_until(self, bars: int) -> int:
        """Publish until so many bars are in the stream, and return the close of the last one in milliseconds."""
        closes = recording().closes
        for start in range(self.published, bars, 500):
            batch = closes[start : min(start + 500, bars)]
            expected = entry_id(closes[start - 1].columns.close_ms) if start else NOTHING_YET
            assert await self._publisher.publish(expected, batch) is None
        self.published = max(self.published, bars)
        return closes[self.published - 1].columns.close_ms
