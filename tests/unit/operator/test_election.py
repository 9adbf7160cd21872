"""The election against a Lease kept in memory, in a time that only the tests move."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trading_operator.cluster.client import WRITE_SECONDS, Client, Document
from trading_operator.cluster.session import Session
from trading_operator.election import HOLDING_SECONDS, LEASE_SECONDS, Election, OnlyReplica, lead
from trading_operator.errors import ConflictError, ExistsError, FencedError, UnreachableError
from trading_operator.kinds import CONFIG_MAP
from trading_operator.metrics import Metrics


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeLeases:
    """The API server's side of one Lease: whoever writes over an old version is refused."""

    clock: Clock
    found: Document | None = None
    name: str = "trading-operator"
    way_there: float = 0.0
    way_back: float = 0.0
    loses_the_answer: bool = False
    hangs: bool = False
    is_away: bool = False
    said: list[str] = field(default_factory=list)
    version: int = 0

    async def read(self) -> Document | None:
        if self.is_away:
            raise UnreachableError("away")
        return self.found

    async def write(self, spec: Document, seen: Document | None) -> Document:
        if self.is_away:
            raise UnreachableError("away")
        self.clock.now += self.way_there
        if (seen is None) != (self.found is None):
            raise (ExistsError if seen is None else ConflictError)(409, "somebody was faster")
        if seen and self.found and seen["metadata"] != self.found["metadata"]:
            raise ConflictError(409, "somebody was faster")
        self.version += 1  # one count for all objects that there ever were
        self.found = {"metadata": {"resourceVersion": str(self.version)}, "spec": spec}
        self.said.append(f"lease of {spec['holderIdentity'] or 'nobody'}")
        self.clock.now += self.way_back
        if self.hangs:
            await asyncio.Event().wait()
        if self.loses_the_answer:
            raise UnreachableError("the answer is lost")
        return self.found


@dataclass
class Stage:
    clock: Clock = field(default_factory=Clock)
    somebody_wrote: bool = False

    def __post_init__(self) -> None:
        self.leases = FakeLeases(self.clock)
        self.one, self.other = self.replica("one"), self.replica("other")

    def replica(self, identity: str) -> Election:
        edge: Any = self.leases
        return Election(
            edge,
            identity,
            Metrics(),
            random.Random(1),  # noqa: S311 - repeats
            somebody_wrote=lambda: self.somebody_wrote,
            clock=self.clock,
        )


def leads(replica: Election) -> bool:
    try:
        replica.check()
    except FencedError:
        return False
    return True


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_first_replica_leads_at_once_and_the_other_does_not(stage: Stage) -> None:
    assert not leads(stage.one)
    assert await stage.one.attempt()
    assert not await stage.other.attempt()
    assert (leads(stage.one), leads(stage.other)) == (True, False)


async def test_holder_stops_writing_before_the_other_may_begin(stage: Stage) -> None:
    await stage.one.attempt()
    await stage.other.attempt()
    stage.clock.now += HOLDING_SECONDS
    assert not leads(stage.one)
    assert not await stage.other.attempt()
    stage.clock.now += LEASE_SECONDS - HOLDING_SECONDS
    assert await stage.other.attempt()


async def test_renewal_counts_from_before_it_was_sent(stage: Stage) -> None:
    await stage.one.attempt()
    stage.leases.way_there = stage.leases.way_back = 2.0
    assert await stage.one.attempt()
    stage.clock.now += HOLDING_SECONDS - 4.1
    assert leads(stage.one)
    stage.clock.now += 0.2
    assert not leads(stage.one)


async def test_renewed_lease_is_not_taken(stage: Stage) -> None:
    await stage.one.attempt()
    for _ in range(20):
        stage.clock.now += 2
        assert await stage.one.attempt()
        assert not await stage.other.attempt()


async def test_released_lease_is_taken_at_once(stage: Stage) -> None:
    await stage.one.attempt()
    await stage.other.attempt()
    await stage.one.release()
    assert not leads(stage.one)
    assert await stage.other.attempt()


async def test_lease_whose_renewal_is_cut_off_is_released_too(stage: Stage) -> None:
    await stage.one.attempt()
    stage.leases.hangs = True
    renewing = asyncio.create_task(stage.one.attempt())
    await asyncio.sleep(0)
    renewing.cancel()
    await asyncio.wait({renewing})
    stage.leases.hangs = False
    await stage.one.release()
    assert await stage.other.attempt()


async def test_lease_of_another_is_not_released(stage: Stage) -> None:
    await stage.one.attempt()
    await stage.other.release()
    assert not await stage.other.attempt()
    assert leads(stage.one)


async def test_lease_that_somebody_deletes_still_counts_until_it_runs_out(stage: Stage) -> None:
    await stage.one.attempt()
    await stage.other.attempt()
    stage.leases.found = None
    assert not await stage.other.attempt()
    assert leads(stage.one)
    stage.clock.now += LEASE_SECONDS
    assert await stage.other.attempt()


async def test_newcomer_that_finds_no_lease_waits_where_somebody_has_written(stage: Stage) -> None:
    await stage.one.attempt()
    stage.leases.found, stage.somebody_wrote = None, True
    assert not await stage.other.attempt()
    assert leads(stage.one)
    stage.clock.now += LEASE_SECONDS
    assert await stage.other.attempt()


async def test_newcomer_that_finds_no_lease_lets_the_holder_make_it_again(stage: Stage) -> None:
    await stage.one.attempt()
    stage.leases.found, stage.somebody_wrote = None, True
    assert not await stage.other.attempt()
    assert not await stage.one.attempt()
    assert await stage.one.attempt()
    stage.clock.now += LEASE_SECONDS - 1
    assert not await stage.other.attempt()
    assert await stage.one.attempt()


async def test_holder_makes_a_deleted_lease_again(stage: Stage) -> None:
    await stage.one.attempt()
    stage.leases.found = None
    assert not await stage.one.attempt()
    assert await stage.one.attempt()


async def test_lost_answer_costs_one_attempt(stage: Stage) -> None:
    await stage.one.attempt()
    stage.leases.loses_the_answer = True
    assert not await stage.one.attempt()
    stage.leases.loses_the_answer = False
    assert await stage.one.attempt()


async def test_who_released_a_lease_that_was_then_deleted_waits_like_anybody(stage: Stage) -> None:
    await stage.one.attempt()
    await stage.one.release()
    assert await stage.other.attempt()
    stage.leases.found = None
    assert not await stage.one.attempt(), "what it knows is old"
    assert not await stage.one.attempt(), "nobody knows whose the lease was"
    stage.clock.now += LEASE_SECONDS
    assert await stage.one.attempt()


async def test_transitions_are_counted_and_the_time_of_taking_is_kept(stage: Stage) -> None:
    await stage.one.attempt()
    taken = stage.leases.found["spec"]["acquireTime"] if stage.leases.found else ""
    await stage.one.attempt()
    assert stage.leases.found
    assert (stage.leases.found["spec"]["acquireTime"], stage.leases.found["spec"]["leaseTransitions"]) == (taken, 1)


async def test_leader_is_a_metric(stage: Stage) -> None:
    await stage.one.win()
    assert stage.one.metrics.leader._value.get() == 1
    await stage.one.release()
    assert stage.one.metrics.leader._value.get() == 0


STEPS = st.tuples(
    st.sampled_from(["one", "other"]),
    st.sampled_from(["attempt", "attempt", "attempt", "release", "delete"]),
    st.one_of(st.sampled_from([0.1, 2.0, 7.5, 9.0, 12.0]), st.floats(0, LEASE_SECONDS + 2)),
    st.one_of(st.just(0.0), st.floats(0, 6)),
    st.one_of(st.just(0.0), st.floats(0, 6)),
    st.sampled_from(["", "", "", "loses_the_answer", "is_away"]),
)

_DELETED_BEFORE_A_NEWCOMER_LOOKED = (("one", "attempt"), ("one", "delete"), ("other", "attempt"))


@settings(max_examples=400, deadline=None)
@given(st.lists(STEPS, max_size=40), st.booleans())
@example([(who, action, 0.1, 0.0, 0.0, "") for who, action in _DELETED_BEFORE_A_NEWCOMER_LOOKED], True)
def test_two_replicas_never_write_at_once(
    steps: list[tuple[str, str, float, float, float, str]], somebody_wrote: bool
) -> None:
    """Whatever is late, lost or paused: who takes over finds the old holder fenced, and its last write given up.

    Somebody may delete the Lease, but not before both have seen it: they look every second. Where it is known that
    somebody wrote, one of them may also have looked at nothing yet.
    """
    asyncio.run(_walk(steps, Stage(somebody_wrote=somebody_wrote)))


async def _walk(steps: list[tuple[str, str, float, float, float, str]], stage: Stage) -> None:
    looked: set[str] = {"one", "other"} if stage.somebody_wrote else set()
    for name, action, pause, way_there, way_back, trouble in steps:
        stage.clock.now += pause
        stage.leases.way_there, stage.leases.way_back = way_there, way_back
        stage.leases.loses_the_answer, stage.leases.is_away = trouble == "loses_the_answer", trouble == "is_away"
        replica: Election = getattr(stage, name)
        rival = stage.other if name == "one" else stage.one
        if action == "delete":
            if looked == {"one", "other"}:
                stage.leases.found, looked = None, set()
        elif action == "release":
            await replica.release()
        else:
            if await replica.attempt():
                last_write_given_up = rival._held_until + WRITE_SECONDS
                assert stage.clock.now >= last_write_given_up or not leads(replica)
            if stage.leases.found and not trouble:
                looked.add(name)
            elif not stage.leases.found:
                looked.discard(name)
        assert not (leads(stage.one) and leads(stage.other))


async def test_work_goes_on_only_while_leading() -> None:
    said: list[str] = []

    class Twice(OnlyReplica):
        async def win(self) -> None:
            said.append("won")
            if said.count("won") > 2:
                await asyncio.Event().wait()

        async def keep(self) -> None:
            await asyncio.sleep(0.01)

        async def release(self) -> None:
            said.append("released")

    async def work() -> None:
        said.append("work")
        try:
            await asyncio.Event().wait()
        finally:
            said.append("stopped")

    leading = asyncio.create_task(lead(Twice(Metrics()), work))
    async with asyncio.timeout(2):
        while said.count("won") < 3:  # noqa: ASYNC110 - it is the list that is waited for, of another task
            await asyncio.sleep(0.01)
    leading.cancel()
    await asyncio.wait({leading})
    once = ["won", "work", "stopped", "released"]
    assert said == [*once, *once, "won", "released"], "a lease may have been won in the moment of the end"


async def test_work_that_breaks_ends_the_operator_and_releases() -> None:
    released: list[bool] = []

    class Alone(OnlyReplica):
        async def release(self) -> None:
            released.append(True)

    async def work() -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await lead(Alone(Metrics()), work)
    assert released == [True]


@dataclass
class SlowApi:
    """Takes a write, and answers it when it may."""

    said: list[str]
    client: Any = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.begun.set()
        await self.may_answer.wait()
        self.said.append("write")
        return web.json_response({})

    async def write(self) -> None:
        await self.client.merge(CONFIG_MAP, "trading", "signal-service", {})


@asynccontextmanager
async def slow_api(stage: Stage) -> AsyncIterator[SlowApi]:
    api, app = SlowApi(stage.leases.said), web.Application()
    app.router.add_patch("/{path:.*}", api.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port, *_ = runner.addresses[0]
    credentials: Any = SimpleNamespace(server=f"http://{host}:{port}", ssl_context=lambda: None, headers=dict)
    async with Session(credentials, Metrics()) as session:
        api.client = Client(session, stage.one.check, stage.one.writes)
        yield api
    await runner.cleanup()


async def test_lease_is_given_back_when_the_last_write_is_answered(stage: Stage) -> None:
    async with slow_api(stage) as api:
        leading = asyncio.create_task(lead(stage.one, api.write))
        await asyncio.wait_for(api.begun.wait(), 2)
        leading.cancel()
        asyncio.get_running_loop().call_later(0.05, api.may_answer.set)
        await asyncio.wait({leading}, timeout=2)
    assert stage.leases.said == ["lease of one", "write", "lease of nobody"]


async def test_lease_outlasts_a_write_that_is_not_answered(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trading_operator.election.ANSWER_SECONDS", 0.05)
    async with slow_api(stage) as api:
        leading = asyncio.create_task(lead(stage.one, api.write))
        await asyncio.wait_for(api.begun.wait(), 2)
        leading.cancel()
        await asyncio.wait({leading}, timeout=2)
        assert not leads(stage.one)
        assert not await stage.other.attempt()
        stage.clock.now += WRITE_SECONDS
        assert await stage.other.attempt()
    assert stage.leases.said == ["lease of one", "lease of one", "lease of other"]
