"""The sweep: many operators at once walk through the scenario, each with one fault in each step.

Each walk has a namespace of its own. A step begins in the state in which a fault-free run ended the step before, so
each is a point of its own; a walk whose point fails ends there, and another one takes what is left.
"""

import asyncio
from typing import Final

from tests.faults.agenda import Agenda
from tests.faults.arena import Arena
from tests.faults.convergence import converge, stay
from tests.faults.oracle import Oracle, learn
from tests.faults.points import Point
from tests.faults.rules import PASS_ON
from tests.faults.scenario import SCENARIO, Step
from tests.faults.strike import Strike
from tests.faults.subject import Subject
from tests.faults.waiting import DivergenceError

WITHOUT_FAULT: Final = 3
"""Fault-free runs, side by side: what they disagree about cannot be expected of others."""
WALKS_AT_ONCE: Final = 44
"""As many as there are points in the longest step, and two for writes that do not come at once."""
BUSY_AT_ONCE: Final = 6
"""How many of them work while the others watch their state stay as it is."""
STRUCK_SECONDS: Final = 20.0
"""A write that has not come after so long, and with nothing left to do, does not come in this walk."""


async def sweep(arena: Arena, agenda: Agenda) -> None:
    """Put in every fault that the agenda has, and leave in it what became of them."""
    oracle, busy = Oracle(), asyncio.Semaphore(BUSY_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        group.create_task(_learn(arena, agenda, oracle))
        for _ in range(1 if agenda.only else WALKS_AT_ONCE):
            group.create_task(_walk_while_needed(arena, agenda, oracle, busy))


async def _learn(arena: Arena, agenda: Agenda, oracle: Oracle) -> None:
    subjects = [arena.new_subject() for _ in range(WITHOUT_FAULT)]
    for subject in subjects:
        await subject.start()
        await subject.until_it_sees()
    for step in agenda.steps:
        expectation = await learn(subjects, step)
        agenda.plan(step, expectation)
        oracle.tell(step, expectation)
    for subject in subjects:
        await subject.stop()


async def _walk_while_needed(arena: Arena, agenda: Agenda, oracle: Oracle, busy: asyncio.Semaphore) -> None:
    await oracle.after(SCENARIO[0])
    while agenda.has_more():
        subject = arena.new_subject()
        async with busy:
            await subject.start()
            await subject.until_it_sees()
        try:
            await _walk(subject, agenda, oracle, busy)
        finally:
            await subject.stop()


async def _walk(subject: Subject, agenda: Agenda, oracle: Oracle, busy: asyncio.Semaphore) -> None:
    for step in agenda.steps:
        expected = await oracle.after(step)
        if not agenda.has_more(step):
            return
        point = agenda.take(step)
        try:
            async with busy:
                hit = await _strike(subject, point) if point else await _act(subject, step)
                await converge(subject, expected)
            if hit:
                await stay(subject, expected)
        except DivergenceError as error:
            agenda.fail(step, point, str(error))
            return
        if point:
            agenda.done(point, hit=hit)


async def _act(subject: Subject, step: Step) -> bool:
    """Take a step without a fault."""
    await step.act(subject)
    return False


async def _strike(subject: Subject, point: Point) -> bool:
    """Take a step with a fault in it, and start the operator again where it was killed; tell whether the write came."""
    rule = Strike(point, subject.kill_at_once)
    subject.follow(rule)
    await point.step.act(subject)
    try:
        async with asyncio.timeout(STRUCK_SECONDS):
            await rule.struck.wait()
    except TimeoutError:
        subject.follow(PASS_ON)
        return False
    if point.fault.kills:
        await subject.restart()
    return True
