"""A Strategy that was deleted and made again under its name starts anew: what the earlier one left is removed.

The uid tells them apart. A Strategy that is restored from a backup of the cluster has a new uid too, and starts anew.
Until a new one starts, the signals of a deleted one stay readable.
"""

from typing import Final

from trading_workloads.contract import SystemKeys
from trading_workloads.store.script import Script, ScriptCall

START_ANEW: Final = Script("""
local lease = redis.call('HMGET', KEYS[1], 'holder', 'token')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[2], KEYS[3])
redis.call('HDEL', KEYS[4], ARGV[3])
return 1
""")
"""Keys: lease, checkpoint, signals, status. Arguments: holder, token, strategy. The fencing token goes on growing."""


def start_anew(keys: SystemKeys, strategy: str, holder: str, token: int) -> ScriptCall:
    """Return the call that removes a strategy's checkpoint, signals and report; answers 1, or 0 without the lease."""
    named = (keys.lease(strategy), keys.checkpoint(strategy), keys.signals(strategy), keys.status())
    return ScriptCall(START_ANEW, named, (holder, str(token), strategy))
