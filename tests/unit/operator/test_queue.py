import asyncio
import random

import pytest

from trading_operator.metrics import Metrics
from trading_operator.queue import (
    FIRST_DELAY_SECONDS,
    FRESH_BEFORE_RESYNC,
    LONGEST_DELAY_SECONDS,
    RESYNCS_AT_ONCE,
    WorkQueue,
)

Queue = WorkQueue[str]


@pytest.fixture
def queue() -> Queue:
    return WorkQueue(Metrics(), random.Random(1))  # noqa: S311 - a seeded one, so that tests repeat


async def test_key_that_is_added_twice_is_worked_on_once(queue: Queue) -> None:
    queue.add("a")
    queue.add("a")
    assert await queue.get() == "a"
    queue.done("a")
    assert len(queue) == 0


async def test_key_that_is_worked_on_is_given_to_nobody_else(queue: Queue) -> None:
    queue.add("a")
    await queue.get()
    queue.add("a")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(queue.get(), 0.05)
    queue.done("a")
    assert await asyncio.wait_for(queue.get(), 1) == "a"


async def test_fresh_keys_go_before_resyncs(queue: Queue) -> None:
    for number in range(5):
        queue.add(f"resync {number}", resync=True)
    queue.add("fresh")
    assert await queue.get() == "fresh"


async def test_resync_gets_its_turn_among_many_fresh_keys(queue: Queue) -> None:
    queue.add("resync", resync=True)
    for number in range(100):
        queue.add(f"fresh {number}")
    first = [await queue.get() for _ in range(FRESH_BEFORE_RESYNC + 1)]
    assert first[-1] == "resync"


async def test_resyncs_leave_workers_free_for_fresh_keys(queue: Queue) -> None:
    for number in range(100):
        queue.add(f"resync {number}", resync=True)
    begun = [await queue.get() for _ in range(RESYNCS_AT_ONCE)]
    waiting = asyncio.create_task(queue.get())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.05)
    queue.done(begun[0])
    assert (await asyncio.wait_for(waiting, 1)).startswith("resync")
    queue.add("fresh")
    assert await asyncio.wait_for(queue.get(), 1) == "fresh"


async def test_resync_of_a_waiting_fresh_key_changes_nothing_and_a_fresh_event_overtakes(queue: Queue) -> None:
    queue.add("a", resync=True)
    queue.add("b", resync=True)
    queue.add("b")
    assert [await queue.get(), await queue.get()] == ["b", "a"]


async def test_of_two_appointments_the_earlier_one_holds(queue: Queue) -> None:
    queue.add_after("a", 30)
    queue.add_after("a", 0.01)
    queue.add_after("a", 60)
    assert await asyncio.wait_for(queue.get(), 1) == "a"


async def test_failures_are_retried_later_each_time_up_to_a_limit(queue: Queue) -> None:
    delays = [queue.retry("a") for _ in range(15)]
    assert FIRST_DELAY_SECONDS / 2 <= delays[0] <= FIRST_DELAY_SECONDS
    assert delays[5] > 4 * delays[0]
    assert max(delays) <= LONGEST_DELAY_SECONDS
    assert len(set(delays[-3:])) == 3, "spread by chance, so that many keys do not come back at once"


async def test_news_of_children_does_not_hasten_a_retry_and_a_change_of_the_object_does(queue: Queue) -> None:
    queue.add_after("a", 0.01)
    assert queue.retry("a", at_least=30) >= 30
    queue.add_after("a", 0.01)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(queue.get(), 0.1)
    queue.add("a")
    assert await asyncio.wait_for(queue.get(), 1) == "a"
    queue.succeeded("a")
    queue.done("a")
    queue.add_after("a", 0.01)
    assert await asyncio.wait_for(queue.get(), 1) == "a", "what went well waits for no retry"


async def test_resync_that_failed_comes_back_as_a_resync(queue: Queue) -> None:
    queue.add("a", resync=True)
    await queue.get()
    delay = queue.retry("a")
    queue.done("a")
    await asyncio.sleep(delay + 0.05)
    queue.add("fresh")
    assert [await queue.get(), await queue.get()] == ["fresh", "a"]


async def test_success_forgets_failures(queue: Queue) -> None:
    for _ in range(10):
        queue.retry("a")
    queue.succeeded("a")
    assert queue.retry("a") <= FIRST_DELAY_SECONDS


async def test_depth_and_wait_are_measured(queue: Queue) -> None:
    queue.add("a")
    queue.add("b", resync=True)
    assert queue.metrics.queue_depth._value.get() == 2
    await queue.get()
    assert queue.metrics.queue_depth._value.get() == 1


async def test_closed_queue_takes_nothing_in_and_forgets_what_it_had(queue: WorkQueue[str]) -> None:
    queue.add("waiting")
    queue.add_after("later", 0.0)
    queue.retry("failed")
    queue.close()
    queue.add("seen by a replica that does not lead")
    queue.add_after("the same", 0.0)
    await asyncio.sleep(0.01)
    assert len(queue) == 0
    queue.open()
    queue.add("edited", resync=False)
    queue.add("looked at again", resync=True)
    assert [await queue.get(), await queue.get()] == ["edited", "looked at again"]
    assert queue.failures("failed") == 0
