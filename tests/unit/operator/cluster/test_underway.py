import asyncio

import pytest

from trading_operator.cluster.underway import WritesUnderWay
from trading_operator.errors import ConflictError


async def test_write_goes_on_when_whoever_asked_for_it_is_cancelled() -> None:
    writes, may_end, ended = WritesUnderWay(), asyncio.Event(), asyncio.Event()

    async def write() -> None:
        await may_end.wait()
        ended.set()

    asking = asyncio.create_task(writes.see_through(write()))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait({asking}, timeout=1)
    assert asking.cancelled()
    assert not await writes.have_ended(0.01)
    may_end.set()
    assert await writes.have_ended(1)
    assert ended.is_set()


async def test_whoever_asked_for_a_write_gets_its_answer_or_its_error() -> None:
    writes = WritesUnderWay()

    async def write(answer: int) -> int:
        if answer == 409:
            raise ConflictError(answer, "no")
        return answer

    assert await writes.see_through(write(200)) == 200
    with pytest.raises(ConflictError):
        await writes.see_through(write(409))
    assert await writes.have_ended(0)
