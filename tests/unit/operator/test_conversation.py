import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.unit.operator.factories import accepted, make_report, make_strategy
from trading_operator.cluster.signalservice import SignalServices
from trading_operator.conversation import PATIENCE_SECONDS, Conversations, push_is_needed
from trading_operator.desired.configuration import strategy_document
from trading_operator.errors import FencedError, ServiceCallError
from trading_operator.observed import ObjectKey
from trading_workloads.contract import CONTROL_PATH, ControlDocument, StatusDocument

KEY = ObjectKey("TradingSystem", "trading", "desk")


def wanted(trading: str = "Active", **spec: Any) -> ControlDocument:
    strategy = make_strategy(**spec)
    documents = {"alpha": strategy_document(strategy, accepted(strategy).revision)}
    return {"trading": trading, "strategies": documents}  # type: ignore[typeddict-item]  # one of the three states


def status(trading: str = "Active", **changes: Any) -> StatusDocument:
    reports = {"alpha": make_report(make_strategy(), **changes)}
    return {"trading": trading, "strategies": reports, "sources": {}}  # type: ignore[typeddict-item]  # as above


@pytest.mark.parametrize(
    ("found", "needed"),
    [
        (status(), False),
        (status(barsSeen=9999, warm=False), False),
        (status(trading="Halted"), True),
        (status(generation=0), True),
        (status(uid="another"), True),
        (status(revision="old"), True),
        ({"trading": "Active", "strategies": {}, "sources": {}}, True),
        ({**status(), "strategies": {**status()["strategies"], "gone": make_report(make_strategy("gone"))}}, True),
    ],
    ids=["as-wanted", "further-on", "trading", "generation", "uid", "revision", "missing", "too-many"],
)
def test_push_is_needed_when_runners_do_other_than_is_wanted(found: StatusDocument, *, needed: bool) -> None:
    assert push_is_needed(wanted(), found) is needed


@dataclass
class FakeService:
    """A signal service that takes what it is told after a moment, or is away."""

    answer: StatusDocument
    obeys: bool = True
    away: bool = False
    pushes: list[ControlDocument] = field(default_factory=list)
    pushed: asyncio.Event = field(default_factory=asyncio.Event)

    async def request(self, method: str, namespace: str, path: str, token: str, body: Any = None) -> Any:
        assert (namespace, token) == ("trading", "secret")
        if self.away:
            raise ServiceCallError("away")
        if method == "PUT" and path == CONTROL_PATH:
            self.pushes.append(body)
            self.pushed.set()
            if self.obeys:
                self.answer = {**self.answer, "trading": body["trading"]}
        return self.answer


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Talk:
    """A conversation with a fake service, and what it told."""

    service: FakeService
    clock: Clock = field(default_factory=Clock)
    changes: list[set[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.conversations = Conversations(
            SignalServices(self.service),
            0.02,
            lambda _, names: self.changes.append(names),
            random.Random(1),  # noqa: S311 - a seeded one, so that tests repeat
            clock=self.clock,
        )

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(3):
            while not holds():  # noqa: ASYNC110 - it is the state that is waited for, of another task
                await asyncio.sleep(0.005)

    def want(self, document: ControlDocument) -> None:
        self.conversations.want(KEY, document, "secret")


async def test_service_that_does_what_is_wanted_is_only_asked() -> None:
    talk = Talk(FakeService(status()))
    assert talk.conversations.undecided(KEY)
    talk.want(wanted())
    assert talk.conversations.undecided(KEY), "it has not been heard yet"
    await talk.until(lambda: talk.conversations.answered(KEY))
    assert not talk.conversations.undecided(KEY)
    await asyncio.sleep(0.1)
    assert talk.service.pushes == []
    assert talk.changes == [{"alpha"}]
    report = talk.conversations.report(KEY, "alpha")
    assert report
    assert report["warm"]
    talk.conversations.end_all()


async def test_kill_switch_is_pushed_once() -> None:
    talk = Talk(FakeService(status()))
    talk.want(wanted())
    await talk.until(lambda: talk.conversations.answered(KEY))
    talk.want(wanted("Halted"))
    await talk.until(lambda: len(talk.changes) == 2)
    assert [push["trading"] for push in talk.service.pushes] == ["Halted"]
    await talk.until(lambda: talk.conversations.trading(KEY) == "Halted")
    assert talk.changes == [{"alpha"}, {"alpha"}], "the strategies can say so now"
    talk.conversations.end_all()


async def test_push_that_does_not_show_is_repeated_after_a_while() -> None:
    talk = Talk(FakeService(status(), obeys=False))
    talk.want(wanted("Halted"))
    await talk.until(lambda: talk.service.pushes)
    await asyncio.sleep(0.8)
    assert len(talk.service.pushes) == 1
    talk.clock.now += 60
    await talk.until(lambda: len(talk.service.pushes) == 2)
    talk.conversations.end_all()


async def test_short_silence_is_borne_and_a_long_one_is_told() -> None:
    talk = Talk(FakeService(status()))
    talk.want(wanted())
    await talk.until(lambda: talk.conversations.answered(KEY))
    talk.service.away = True
    await asyncio.sleep(0.1)
    assert talk.conversations.answered(KEY)
    talk.clock.now += PATIENCE_SECONDS + 1
    await talk.until(lambda: not talk.conversations.answered(KEY))
    talk.service.away = False
    await talk.until(lambda: talk.conversations.answered(KEY))
    assert talk.changes == [{"alpha"}] * 3
    talk.conversations.end_all()


async def test_bars_that_go_by_are_no_news_and_a_signal_is() -> None:
    talk = Talk(FakeService(status()))
    talk.want(wanted())
    await talk.until(lambda: talk.changes)
    talk.service.answer = status(barsSeen=101, lastBar="later", signals=4)
    await asyncio.sleep(0.1)
    assert len(talk.changes) == 1
    talk.service.answer = status(lastSignal={"time": "t", "symbol": "AAPL", "action": "EnterLong"})
    await talk.until(lambda: len(talk.changes) == 2)
    talk.conversations.end_all()
    assert not talk.conversations.answered(KEY)


async def test_report_that_is_not_understood_ends_no_conversation() -> None:
    service = FakeService(status())
    service.answer["strategies"]["foreign"] = {"says": "something else"}  # type: ignore[typeddict-item]  # on purpose
    heard = await SignalServices(service).status("trading", "secret")
    assert set(heard["strategies"]) == {"alpha"}


async def test_conversation_outlives_what_nobody_foresaw() -> None:
    service = FakeService(status())
    heard: list[set[str]] = []

    def break_once(_: ObjectKey, names: set[str]) -> None:
        heard.append(names)
        if len(heard) == 1:
            raise RuntimeError("nobody foresaw this")

    jitter = random.Random(1)  # noqa: S311 - spreads pauses, guards nothing
    talks = Conversations(SignalServices(service), 0.01, break_once, jitter)
    talks.want(KEY, wanted(trading="Halted"), "secret")
    async with asyncio.timeout(5):
        await service.pushed.wait()
    talks.end_all()
    assert service.pushes[0]["trading"] == "Halted"


async def test_replica_that_does_not_lead_tells_runners_nothing() -> None:
    def fenced() -> None:
        raise FencedError("no leader any more")

    service = FakeService(status())
    with pytest.raises(FencedError):
        await SignalServices(service, fenced).control("trading", "secret", wanted())
    assert service.pushes == []
