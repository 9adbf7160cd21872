"""A connection to Redis that fails fast: whoever calls knows best whether and how to try again."""

from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

SOCKET_TIMEOUT_SECONDS: Final = 5.0
CONNECT_TIMEOUT_SECONDS: Final = 2.0


def connect(url: str) -> Redis:
    """Return a client that opens connections when it is first used and never repeats a command by itself.

    A command that was cut off may have been carried out; the loops above find out by asking what Redis has.
    """
    client: Redis = Redis.from_url(
        url,
        protocol=2,
        socket_timeout=SOCKET_TIMEOUT_SECONDS,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )
    return client


async def command(redis: Redis, *parts: str | bytes | float) -> Any:  # noqa: ANN401 - as many shapes as commands
    """Send one command and return its answer; raises RedisError."""
    return await redis.execute_command(*parts)  # type: ignore[no-untyped-call]  # redis has no types for it


def describe(error: BaseException) -> str:
    """Return an error as a text for logs and answers; its type when it has no words."""
    return str(error) or type(error).__name__
