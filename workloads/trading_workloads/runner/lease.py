"""Leases: one runner at a time works on a strategy, and each new holder has a greater token."""

from dataclasses import dataclass
from typing import Any, Final

from trading_workloads.contract import SystemKeys
from trading_workloads.runner.checkpoint import Checkpoint, read_checkpoint
from trading_workloads.store.script import Script, ScriptCall

TAKE: Final = Script("""
local lease = redis.call('HMGET', KEYS[1], 'holder', 'token')
local token = lease[2]
if lease[1] and lease[1] ~= ARGV[1] then return {0, lease[1]} end
if lease[1] and ARGV[3] ~= '' and ARGV[3] ~= token then return {0, lease[1]} end
if not lease[1] or ARGV[3] == '' then
  token = redis.call('INCR', KEYS[2])
  local written = tonumber(redis.call('HGET', KEYS[3], 'token') or '0')
  if written >= token then
    token = written + 1
    redis.call('SET', KEYS[2], token)
  end
  redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'token', token)
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, tostring(token), redis.call('HMGET', KEYS[3], 'revision', 'anchor', 'bar', 'positions', 'token', 'uid')}
""")
"""Keys: lease, fencing, checkpoint. Arguments: holder, milliseconds, the caller's token or nothing for a new process.

Takes a free lease, or renews the caller's own. A new process of the same holder takes over at once and thereby
fences the old one, which shows its token and is refused. Answers {1, token, checkpoint} or {0, holder}.
"""

RELEASE: Final = Script("""
local lease = redis.call('HMGET', KEYS[1], 'holder', 'token')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' then redis.call('HDEL', KEYS[2], ARGV[3]) end
return redis.call('DEL', KEYS[1])
""")
"""Keys: lease, status. Arguments: holder, token, the strategy whose report goes too, or nothing."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease that the caller has, and the checkpoint that stood there at that moment."""

    token: int
    checkpoint: Checkpoint | None


@dataclass(frozen=True, slots=True)
class HeldByAnother:
    """A lease that somebody else has."""

    holder: str


def take_lease(keys: SystemKeys, strategy: str, holder: str, seconds: float, token: int | None) -> ScriptCall:
    """Return the call that takes or renews the lease of a strategy."""
    named = (keys.lease(strategy), keys.fencing(strategy), keys.checkpoint(strategy))
    return ScriptCall(TAKE, named, (holder, int(seconds * 1000), "" if token is None else str(token)))


def read_lease(answer: Any) -> Held | HeldByAnother:  # noqa: ANN401 - a script's answer
    """Return what `take_lease` answered."""
    if not answer[0]:
        return HeldByAnother(answer[1].decode())
    return Held(int(answer[1]), read_checkpoint(answer[2]))


def release_lease(keys: SystemKeys, strategy: str, holder: str, token: int, *, forget: bool) -> ScriptCall:
    """Return the call that gives a lease back; `forget` also removes the strategy's report."""
    return ScriptCall(RELEASE, (keys.lease(strategy), keys.status()), (holder, str(token), strategy if forget else ""))
