"""A signal service answers while its pool works through thousands of bars."""

import asyncio
import time

import aiohttp

from tests.integration.workloads.floor import wait_until
from tests.integration.workloads.stage import LAST_BAR, Stage
from tests.integration.workloads.strategies import DIPS, make_document, make_spec
from tests.integration.workloads.workload import wait_until as wait_until_now

STRATEGIES = 10
LONGEST_ANSWER_SECONDS = 0.5
"""Generous: measured alone it is a tenth of this, and the machine may be busy with other tests."""


async def test_requests_are_answered_while_the_pool_catches_up(stage: Stage) -> None:
    stage.data(closes_per_second=100_000)
    wait_until_now(lambda: stage.published() == 3270, "the whole recording is published")
    names = [f"s{number}" for number in range(STRATEGIES)]
    service = stage.signal("pod", *(make_document(name, spec=make_spec(DIPS)) for name in names))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{service.port}") as http:

        async def is_up() -> bool:
            try:
                return (await http.get("/health")).status == 200
            except aiohttp.ClientError:
                return False

        await wait_until(is_up, "the service answers")
        waits = []
        while stage.bar(names[-1]) < LAST_BAR:
            asked = time.perf_counter()
            async with http.get("/api/v1/signals?limit=10") as answer:
                await answer.read()
            waits.append(time.perf_counter() - asked)
            await asyncio.sleep(0.01)
    assert len(waits) > 20, "there was something to catch up with"
    assert max(waits) < LONGEST_ANSWER_SECONDS
