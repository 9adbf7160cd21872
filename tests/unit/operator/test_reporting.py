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


class Silence:
    """A recorder that tells nobody."""

    def tell(self, *_: object) -> None:
        """Forget it."""


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
def reporter(server: FakeServer, now: list[float], appointments: list[tuple[ObjectKey, float]]) -> Reporter:
    def later(key: ObjectKey, seconds: float) -> None:
        appointments.append((key, seconds))

    fakes: Any = {"client": server, "recorder": Silence()}
    return Reporter(**fakes, keep=lambda _: None, later=later, clock=lambda: now[0])


def status(ready: str = "True", signal: str = "") -> Document:
    condition = {"type": "Ready", "status": ready, "reason": "Running", "message": "", "lastTransitionTime": "t"}
    return {"observedGeneration": 1, "conditions": [condition], "lastSignalText": signal}


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
