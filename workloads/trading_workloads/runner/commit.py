"""Commits: the signals of one or more bars and the state after them, written all at once or not at all."""

from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from trading_workloads.contract import SystemKeys
from trading_workloads.runner.checkpoint import Checkpoint
from trading_workloads.store.script import Argument, Script, ScriptCall

COMMIT: Final = Script("""
local lease = redis.call('HMGET', KEYS[1], 'holder', 'token')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {'fenced', 0} end
local bar = redis.call('HGET', KEYS[2], 'bar') or ''
if bar ~= ARGV[4] then return {'elsewhere', 0} end
local repeated = 0
for at = 10, #ARGV, 2 do
  local answer = redis.pcall('XADD', KEYS[3], ARGV[at], 'signal', ARGV[at + 1])
  if type(answer) == 'table' and answer.err then
    if not string.find(answer.err, 'equal or smaller', 1, true) then return answer end
    repeated = repeated + 1
  end
end
redis.call('HSET', KEYS[2], 'revision', ARGV[5], 'anchor', ARGV[6], 'bar', ARGV[7],
  'positions', ARGV[8], 'token', ARGV[2], 'uid', ARGV[9])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'written', repeated}
""")
"""Keys: lease, checkpoint, signals. Arguments: holder, token, milliseconds, the bar that the checkpoint must have,
then the new checkpoint, then id and record of each signal.

Redis itself refuses an id that is not greater than the stream's last: a signal that is there stays as it is.
"""


class Signal(NamedTuple):
    """One record and the stream id that it has for ever."""

    entry: str
    record: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """What a runner wants to write: signals after the bar `over`, and the checkpoint that goes with them.

    over: bar of the checkpoint that must stand in Redis; None when there must be none.
    """

    strategy: str
    over: int | None
    checkpoint: Checkpoint
    signals: tuple[Signal, ...]


class Outcome(NamedTuple):
    """What became of a commit, and how many of its signals the stream had already.

    written: done. fenced: the lease is not the caller's. elsewhere: the checkpoint is at another bar.
    """

    result: Literal["written", "fenced", "elsewhere"]
    repeated: int


def write_commit(keys: SystemKeys, holder: str, lease_seconds: float, commit: Commit) -> ScriptCall:
    """Return the call that writes a commit and renews the lease; the checkpoint's token must be the lease's."""
    checkpoint = commit.checkpoint
    arguments: list[Argument] = [
        holder,
        str(checkpoint.token),
        int(lease_seconds * 1000),
        "" if commit.over is None else str(commit.over),
        checkpoint.revision,
        checkpoint.anchor,
        checkpoint.bar,
        checkpoint.positions,
        checkpoint.uid,
    ]
    for signal in commit.signals:
        arguments += signal
    named = (keys.lease(commit.strategy), keys.checkpoint(commit.strategy), keys.signals(commit.strategy))
    return ScriptCall(COMMIT, named, arguments)


def read_outcome(answer: Any) -> Outcome:  # noqa: ANN401 - a script's answer
    """Return what `write_commit` answered."""
    return Outcome(answer[0].decode(), int(answer[1]))
