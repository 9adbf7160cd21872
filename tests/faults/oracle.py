"""What a run without faults comes to, step by step: the state, and the writes that lead there."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

from tests.faults.points import count_writes
from tests.faults.scenario import SCENARIO, Step
from tests.faults.state import difference, state_of
from tests.faults.subject import Subject
from tests.faults.waiting import until

SETTLED_SECONDS: Final = 5.0
"""A fault-free run that wrote nothing for so long is taken for done; were it not, no point would hold its state."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is so after a step."""

    state: str
    writes: Counter[str]
    """What every fault-free run wrote."""
    at_times: Counter[str]
    """What only some of them wrote: two writes that the moment may make one."""


@dataclass(slots=True)
class Oracle:
    """Knows the expectation of each step, once the fault-free runs were there."""

    _known: dict[str, asyncio.Future[Expectation]] = field(init=False)

    def __post_init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._known = {str(step): loop.create_future() for step in SCENARIO}

    async def after(self, step: Step) -> Expectation:
        """Return what is expected, as soon as it is known."""
        return await asyncio.shield(self._known[str(step)])

    def tell(self, step: Step, expectation: Expectation) -> None:
        """Let it be known what is expected after a step."""
        self._known[str(step)].set_result(expectation)


async def learn(subjects: Sequence[Subject], step: Step) -> Expectation:
    """Have operators without faults take a step, and return what came of it. They must agree."""
    marks = [subject.ledger.mark() for subject in subjects]
    await asyncio.gather(*(step.act(subject) for subject in subjects))
    states = await asyncio.gather(*(_settled(subject) for subject in subjects))
    for other in states[1:]:
        assert other == states[0], f"{step}: runs without faults differ:\n{difference(states[0], other)}"
    written = [count_writes(subject.ledger.writes(mark)) for subject, mark in zip(subjects, marks, strict=True)]
    always = reduce(Counter.__and__, written)
    return Expectation(states[0], always, reduce(Counter.__or__, written) - always)


async def _settled(subject: Subject) -> str:
    started = subject.ledger.clock()

    def settled() -> bool:
        return subject.ledger.clock() - started > SETTLED_SECONDS and subject.ledger.is_quiet(SETTLED_SECONDS)

    await until(settled, f"no write in {subject.namespace} for {SETTLED_SECONDS:.0f} s", 60)
    await subject.until_it_sees()
    return await state_of(subject.api_server, subject.namespace)
