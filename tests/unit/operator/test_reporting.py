from typing import Any

import pytest

from tests.unit.operator.factories import strategy_body
from trading_operator.observed import Document, ObjectKey
from trading_operator.reporting import Reporter

ALPHA = ObjectKey("Strategy", "trading", "alpha")


class FakeServer:
    """Takes statuses and gives the object back, as the API server does."""

    def __init__(self) -> None:
        self.statuses: list[Document] = []

    async def apply_status(self, _: Any, document: Document) -> Document:
        self.statuses.append(document["status"])
        return {**strategy_body(), "status": document["status"]}


class Told:
    """A recorder that only remembers."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def tell(self, key: ObjectKey, uid: str, reason: str, message: str, kind: str = "Normal") -> None:
        assert key == ALPHA
        assert uid == strategy_body()["metadata"]["uid"]
        self.events.append(f"{kind} {reason}: {message}")


@pytest.fixture
def now() -> list[float]:
    return [100.0]


@pytest.fixture
def appointments() -> list[tuple[ObjectKey, float]]:
    return []


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def reporter(server: FakeServer, told: Told, now: list[float], appointments: list[tuple[ObjectKey, float]]) -> Reporter:
    def later(key: ObjectKey, seconds: float) -> None:
        appointments.append((key, seconds))

    fakes: Any = {"client": server, "recorder": told}
    return Reporter(**fakes, keep=lambda _: None, later=later, clock=lambda: now[0])


def condition(kind: str, status: str, reason: str, generation: int = 1) -> Document:
    told = {"reason": reason, "message": f"why {reason}", "observedGeneration": generation}
    return {"type": kind, "status": status, "lastTransitionTime": "t", **told}


def status(ready: str = "True", signal: str = "", generation: int = 1, stalled: str = "False") -> Document:
    conditions = [
        condition("Ready", ready, "Running" if ready == "True" else "ServicesNotAvailable", generation),
        condition("Stalled", stalled, "InvalidSpec" if stalled == "True" else "NotStalled", generation),
    ]
    return {"observedGeneration": generation, "conditions": conditions, "lastSignalText": signal}


async def test_status_that_says_nothing_new_is_not_written(reporter: Reporter, server: FakeServer) -> None:
    body = await reporter.write(strategy_body(), status())
    await reporter.write(body, status())
    assert len(server.statuses) == 1


async def test_newest_signal_alone_waits_for_its_time(
    reporter: Reporter, server: FakeServer, now: list[float], appointments: list[tuple[ObjectKey, float]]
) -> None:
    body = await reporter.write(strategy_body(), status())
    now[0] += 4
    await reporter.write(body, status(signal="AAPL EnterLong 2012-01-03"))
    assert len(server.statuses) == 1
    assert appointments == [(ALPHA, 6.0)]
    now[0] += 6
    await reporter.write(body, status(signal="AAPL EnterLong 2012-01-03"))
    assert len(server.statuses) == 2


async def test_change_of_state_does_not_wait(reporter: Reporter, server: FakeServer) -> None:
    body = await reporter.write(strategy_body(), status())
    await reporter.write(body, status(ready="False"))
    assert len(server.statuses) == 2


async def test_losing_readiness_and_coming_back_are_told(reporter: Reporter, told: Told) -> None:
    body = await reporter.write(strategy_body(), status())
    body = await reporter.write(body, status(ready="False"))
    await reporter.write(body, status())
    assert told.events == [
        "Warning ServicesNotAvailable: not ready any more: why ServicesNotAvailable",
        "Normal Running: ready again",
    ]


async def test_becoming_ready_after_creation_or_an_edit_is_not_told(reporter: Reporter, told: Told) -> None:
    body = await reporter.write(strategy_body(), status(ready="Unknown"))
    for generation, ready in ((1, "True"), (2, "False"), (2, "True")):
        body = await reporter.write(body, status(ready=ready, generation=generation))
    assert told.events == []


async def test_stalling_and_the_end_of_it_are_told(reporter: Reporter, told: Told) -> None:
    body = await reporter.write(strategy_body(), status())
    body = await reporter.write(body, status(ready="False", stalled="True"))
    await reporter.write(body, status())
    assert told.events == [
        "Warning InvalidSpec: why InvalidSpec",
        "Normal NotStalled: nothing holds the object up any more",
    ]
