"""Lua scripts: what has to happen in Redis all at once or not at all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, ResponseError

from trading_workloads.store.connection import command

Argument = str | bytes | int


@dataclass(frozen=True, slots=True)
class Script:
    """One Lua script and the digest that Redis knows it by."""

    text: str
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        # Redis names scripts by SHA-1; nothing secret depends on it.
        object.__setattr__(self, "digest", hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest())


class ScriptCall(NamedTuple):
    """One run of a script."""

    script: Script
    keys: Sequence[str]
    arguments: Sequence[Argument]


async def run_scripts(redis: Redis, calls: Sequence[ScriptCall]) -> list[Any]:
    """Run scripts in one round trip, and again those that a restarted Redis had forgotten.

    Returns the answers in order; the answer of a script that failed by itself is its ResponseError.
    Raises RedisError when the connection fails; any of the scripts may then have run.
    """
    answers = await _run(redis, calls)
    forgotten = [index for index, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
    if forgotten:
        for text in {calls[index].script.text for index in forgotten}:
            await command(redis, "SCRIPT LOAD", text)
        for index, answer in zip(forgotten, await _run(redis, [calls[index] for index in forgotten]), strict=True):
            answers[index] = answer
    return answers


async def run_script(redis: Redis, call: ScriptCall) -> Any:  # noqa: ANN401 - each script has its own answer
    """Run one script and return its answer; raises RedisError when it or the connection fails."""
    (answer,) = await run_scripts(redis, [call])
    if isinstance(answer, ResponseError):
        raise answer
    return answer


async def _run(redis: Redis, calls: Sequence[ScriptCall]) -> list[Any]:
    async with redis.pipeline(transaction=False) as pipeline:
        for script, keys, arguments in calls:
            pipeline.execute_command("EVALSHA", script.digest, len(keys), *keys, *arguments)
        answers: list[Any] = await pipeline.execute(raise_on_error=False)
    for answer in answers:
        if isinstance(answer, Exception) and not isinstance(answer, ResponseError):
            raise answer
    return answers
