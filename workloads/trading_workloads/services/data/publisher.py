"""Closes into their stream, each once: Redis compares its last bar with the one that the publisher expects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from redis.asyncio import Redis

from trading_workloads.bars.door import Refusal
from trading_workloads.bars.entry import encode_entry, entry_id
from trading_workloads.bars.recording import Close
from trading_workloads.contract import Clock, SystemKeys
from trading_workloads.store.script import Argument, Script, ScriptCall, run_script

NOTHING_YET: Final = "0-0"
QUARANTINE_LENGTH: Final = 10_000

PUBLISH: Final = Script("""
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local last = newest[1] and newest[1][1] or '0-0'
if last ~= ARGV[1] then return {0, last} end
local bars, width = tonumber(ARGV[3]), tonumber(ARGV[4])
local at = 5
for _ = 1, bars do
  redis.call('XADD', KEYS[1], unpack(ARGV, at, at + width - 1))
  at = at + width
end
while at < #ARGV do
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'fault', ARGV[at], 'refusal', ARGV[at + 1])
  redis.call('HINCRBY', KEYS[3], ARGV[at], 1)
  at = at + 2
end
return {1, ''}
""")
"""Keys: bars, quarantine, counts. Answers {1} when published, {0, last id} when the stream ends elsewhere."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Writes the closes of one source."""

    redis: Redis
    keys: SystemKeys
    source: str
    timeframe: str
    clock: Clock

    async def publish(self, expected: str, closes: Sequence[Close]) -> str | None:
        """Publish closes, all or none, if the stream ends with the id `expected`; with none, only look.

        Returns None when it did, and the id with which the stream ends when it ends elsewhere.
        Raises RedisError when the connection fails; the closes may then be there.
        """
        bars = [self._bar_arguments(close) for close in closes]
        width = len(bars[0]) if bars else 0
        arguments: list[Argument] = [expected, QUARANTINE_LENGTH, len(bars), width]
        for bar in bars:
            arguments += bar
        for close in closes:
            for refusal in close.refusals:
                arguments += [refusal.fault, encode_refusal(refusal)]
        keys = (
            self.keys.bars(self.source, self.timeframe),
            self.keys.quarantine(self.source),
            self.keys.quarantine_counts(self.source),
        )
        done, last = await run_script(self.redis, ScriptCall(PUBLISH, keys, arguments))
        return None if done else last.decode()

    def _bar_arguments(self, close: Close) -> list[Argument]:
        arguments: list[Argument] = [entry_id(close.columns.close_ms)]
        for name, value in encode_entry(close.columns, self.clock).items():
            arguments += [name, str(value)]
        return arguments


def encode_refusal(refusal: Refusal) -> bytes:
    """Return a refused bar as JSON; numbers that JSON has no word for become null."""
    return orjson.dumps({"fault": refusal.fault, "message": refusal.message, "bar": refusal.bar._asdict()})
