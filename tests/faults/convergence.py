"""Whether a namespace comes to the expected state, and stays there."""

import asyncio
from collections.abc import Iterable
from typing import Final

import aiohttp

from tests.faults.apiserver import RefusedError
from tests.faults.ledger import Sent
from tests.faults.oracle import Expectation
from tests.faults.state import TIMED_OUT, difference, state_of
from tests.faults.subject import FOLLOWED, Subject
from tests.faults.waiting import DivergenceError

CONVERGED_SECONDS: Final = 60.0
"""Patience, generous because many points share two cores; what is late is the benchmarks' business."""
SLACK_SECONDS: Final = 10.0
"""On top of the time to heal in: ten operators heal at once, on two cores that they share with the API server."""
STAYS_SECONDS: Final = 10.0
RESTING_REQUESTS: Final = 4 * len(FOLLOWED)
"""What an operator may ask while it rests: each watch anew every 25 seconds, and what it follows from time to time."""
_CALM_SECONDS: Final = 0.4
"""Looking costs the API server a list of each kind; while the operator writes, the answer is no anyway."""


async def converge(subject: Subject, expected: Expectation, seconds: float = CONVERGED_SECONDS) -> None:
    """Wait for the expected state. Raises DivergenceError with what is different."""
    found = "(not looked at: the operator never stopped writing)"
    try:
        async with asyncio.timeout(seconds):
            await subject.until_it_sees()
            while True:
                if subject.ledger.is_quiet(_CALM_SECONDS):
                    found = await _state_or_reason(subject)
                    if found == expected.state:
                        return
                await asyncio.sleep(_CALM_SECONDS)
    except TimeoutError:
        told = f"not the expected state after {seconds:.0f} s"
        raise DivergenceError(f"{told}:\n{difference(expected.state, found)}\n{subject.log_end()}") from None


async def _state_or_reason(subject: Subject) -> str:
    """Return the state, or why it cannot be read: an API server that has just come back may refuse for a moment."""
    try:
        return await state_of(subject.api_server, subject.namespace)
    except (RefusedError, aiohttp.ClientError) as error:
        return f"(not read: {error!r})"


async def heal(subject: Subject, expected: Expectation, seconds: float) -> float:
    """Wait for the expected state, which must come in time, and watch it stay from the end of that time on.

    Until then a write may come whose first attempt was carried out without an answer: nobody knows its fate.
    Returns how many seconds it took.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    await converge(subject, expected, seconds + SLACK_SECONDS)
    healed = clock()
    await asyncio.sleep(began + seconds - healed)
    await stay(subject, expected)
    return healed - began


async def stay(subject: Subject, expected: Expectation) -> None:
    """Watch the state stay as it is.

    Raises DivergenceError for any write, for a hot loop of reads, and for an operator that ended.
    """
    mark = subject.ledger.mark()
    await asyncio.sleep(STAYS_SECONDS)
    if written := untimely(subject.ledger.writes(mark)):
        told = "\n".join(f"{write}: {write.body.decode()}" for write in written)
        raise DivergenceError(f"written although nothing was left to do:\n{told}\n{subject.log_end()}")
    if (asked := subject.ledger.verbs(mark)).total() > RESTING_REQUESTS:
        raise DivergenceError(f"a hot loop although nothing was left to do: {dict(asked)}")
    if not subject.is_running():
        raise DivergenceError(f"the operator ended: {subject.log_end()}")
    if (found := await state_of(subject.api_server, subject.namespace)) != expected.state:
        raise DivergenceError(f"did not stay in the expected state:\n{difference(expected.state, found)}")


def untimely(writes: Iterable[Sent]) -> list[Sent]:
    """Return the writes that should not be: all but one of each status, which says that a deadline has passed."""
    told: set[str] = set()
    found = []
    for write in writes:
        if TIMED_OUT not in write.body.decode() or write.target in told:
            found.append(write)
        told.add(write.target)
    return found
