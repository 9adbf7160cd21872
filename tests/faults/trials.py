"""R2: faults that last for some seconds while somebody changes things, and what is expected of the operator.

Every request is counted during the fault, see `Bound`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.faults.arena import Arena
from tests.faults.convergence import converge, heal
from tests.faults.oracle import Expectation, learn
from tests.faults.proxy import Proxy
from tests.faults.rules import (
    PASS_ON,
    Delay,
    EndAtOnce,
    Hang,
    Hitting,
    LoseReply,
    Refuse,
    Reset,
    Rule,
    everything,
    watches,
    writes,
)
from tests.faults.scenario import Step
from tests.faults.stream import EXPIRED, Stream
from tests.faults.subject import Subject
from tests.integration.operator.documents import SOURCE, make_strategy, make_system

HEALED_SECONDS: Final = 10.0
FAULT_SECONDS: Final = 5.0
NOTICED_SECONDS: Final = 30.0
"""Within which a silence is to be noticed."""

SETTING: Final = (
    Step("trial", "system", applied=(make_system(), make_strategy("pooled"))),
    Step(
        "trial", "strategies", applied=tuple(make_strategy(name, placement="Dedicated") for name in ("alone", "moving"))
    ),
)
"""One after another: what is said of a Deployment that is there before its ServiceAccount depends on the moment."""
CHANGE: Final = Step(
    "trial",
    "change",
    applied=(
        make_system(services={"data": {"sources": [SOURCE], "logLevel": "Debug"}, "signal": {"replicas": 2}}),
        make_strategy("moving"),
        make_strategy("fresh", placement="Dedicated"),
    ),
)
"""Something to create, something to change, something to prune."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One kind of fault."""

    rule: Callable[[], Rule] = lambda: PASS_ON
    """What happens to requests while the fault lasts."""
    strike: Callable[[Proxy], None] = lambda _: None
    """What happens at its beginning to the watches that are open."""
    noticed_seconds: float = 0.0
    """How long the operator may take to notice what nobody tells it."""


def _end_watches(last_word: bytes) -> Callable[[Proxy], None]:
    def strike(proxy: Proxy) -> None:
        for stream in _open_watches(proxy):
            stream.end(last_word)

    return strike


def _silence_watches(proxy: Proxy) -> None:
    for stream in _open_watches(proxy):
        stream.fall_silent()


def _open_watches(proxy: Proxy) -> list[Stream]:
    assert proxy.streams, "there is no watch for the fault to meet"
    return list(proxy.streams)


TRIALS: Final[Mapping[str, Trial]] = {
    "409-to-writes": Trial(lambda: Refuse(writes, status=409)),
    "429-to-writes": Trial(lambda: Refuse(writes, status=429, headers={"Retry-After": "1"})),
    "500-to-writes": Trial(lambda: Refuse(writes, status=500)),
    "401-to-everything": Trial(lambda: Refuse(everything, status=401), _end_watches(b"")),
    "403-to-watches": Trial(lambda: Refuse(watches, status=403), _end_watches(b"")),
    "answers-late": Trial(lambda: Delay(everything)),
    "replies-lost": Trial(lambda: LoseReply(writes)),
    "410-to-watches": Trial(lambda: Refuse(watches, status=410), _end_watches(EXPIRED)),
    "watches-end-at-once": Trial(lambda: EndAtOnce(watches), _end_watches(b"")),
    "connections-reset": Trial(lambda: Reset(everything), _end_watches(b"")),
    "watches-silent": Trial(strike=_silence_watches, noticed_seconds=NOTICED_SECONDS),
    "writes-hang": Trial(lambda: Hang(writes), noticed_seconds=NOTICED_SECONDS),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an operator that healed."""

    during: Counter[str]
    """Its requests while the fault lasted, by verb."""
    healed_seconds: float
    """How long after the fault's end everything was as it should be."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What operators without faults make of the setting, and of the change."""

    setting: tuple[Expectation, ...]
    """One for each of its steps."""
    change: Expectation


async def learn_expectations(arena: Arena) -> Expectations:
    subject = arena.new_subject()
    await subject.start()
    await subject.until_it_sees()
    try:
        setting = [await learn([subject], step) for step in SETTING]
        return Expectations(tuple(setting), await learn([subject], CHANGE))
    finally:
        await subject.stop()


async def undergo(arena: Arena, trial: Trial, expected: Expectations) -> Outcome:
    """Put an operator through a trial.

    Raises DivergenceError where it does not heal, or does not rest afterwards.
    """
    subject = await settled(arena, expected)
    try:
        rule, mark = trial.rule(), subject.ledger.mark()
        subject.follow(rule)
        trial.strike(subject.proxy)
        await CHANGE.act(subject)
        await asyncio.sleep(FAULT_SECONDS)
        during = subject.ledger.verbs(mark)
        subject.follow(PASS_ON)
        healed_seconds = await heal(subject, expected.change, trial.noticed_seconds + HEALED_SECONDS)
        if isinstance(rule, Hitting):
            assert rule.hits, "the fault met no request"
        return Outcome(during, healed_seconds)
    finally:
        await subject.stop()


async def settled(arena: Arena, expected: Expectations) -> Subject:
    """Return an operator that has made its children and has nothing to do."""
    subject = arena.new_subject()
    await subject.start()
    await subject.until_it_sees()
    for step, expectation in zip(SETTING, expected.setting, strict=True):
        await step.act(subject)
        await converge(subject, expectation)
    return subject
