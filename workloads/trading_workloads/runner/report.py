"""What a runner reports of each strategy, for the operator's status; written only by who holds the lease."""

from typing import Final

from trading_workloads.contract import SystemKeys
from trading_workloads.store.script import Script, ScriptCall

REPORT: Final = Script("""
local lease = redis.call('HMGET', KEYS[1], 'holder', 'token')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
return 1
""")
"""Keys: lease, status. Arguments: holder, token, strategy, report."""


def write_report(keys: SystemKeys, strategy: str, holder: str, token: int, report: bytes) -> ScriptCall:
    """Return the call that writes a report if the caller still holds the lease; it answers 1 when it did."""
    return ScriptCall(REPORT, (keys.lease(strategy), keys.status()), (holder, str(token), strategy, report))
