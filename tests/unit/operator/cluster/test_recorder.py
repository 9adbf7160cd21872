import asyncio
from typing import Any

import pytest

from trading_operator.cluster.recorder import AT_ONCE, MOST_WAITING, REPEAT_SECONDS, Recorder
from trading_operator.observed import ObjectKey

KEY = ObjectKey("Strategy", "trading", "alpha")


class Server:
    """Takes Events when it is let."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.taken: list[str] = []
        self.at_once = self.most_at_once = 0

    async def post_event(self, event: Any) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.open.wait()
        self.at_once -= 1
        self.taken.append(event["message"])


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def recorder(server: Server, now: list[float]) -> Recorder:
    client: Any = server
    return Recorder(client, clock=lambda: now[0])


async def settle(recorder: Recorder, server: Server) -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    server.open.set()
    while recorder._tasks:
        await asyncio.gather(*recorder._tasks)


async def test_same_words_are_not_repeated_soon(recorder: Recorder, server: Server, now: list[float]) -> None:
    for seconds in (0, 1, REPEAT_SECONDS + 1):
        now[0] = seconds
        recorder.tell(KEY, "uid", "Pruned", "gone")
    await settle(recorder, server)
    assert server.taken == ["gone", "gone"]


async def test_flood_of_events_is_sent_a_few_at_a_time_and_cut(recorder: Recorder, server: Server) -> None:
    for number in range(MOST_WAITING + 10):
        recorder.tell(KEY, "uid", "Pruned", f"child {number}")
    await settle(recorder, server)
    assert len(server.taken) == MOST_WAITING
    assert server.most_at_once == AT_ONCE
