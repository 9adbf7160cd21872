import asyncio
import threading
from itertools import islice
from typing import Any

import kopf
import pytest

from trading_operator.handlers.frame import Frame, Patience


class Kopf:
    """Ends with an error the first time, and then runs until it is told to stop."""

    def __init__(self) -> None:
        self.runs = 0
        self.is_running = threading.Event()

    async def operator(self, *, stop_flag: asyncio.Event, **_: object) -> None:
        self.runs += 1
        if self.runs == 1:
            raise RuntimeError("410")
        self.is_running.set()
        await stop_flag.wait()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Kopf:
    kopf_that_fails = Kopf()
    monkeypatch.setattr("trading_operator.handlers.frame.kopf.operator", kopf_that_fails.operator)
    return kopf_that_fails


def frame_in_a_thread() -> tuple[Frame, threading.Thread]:
    settings: Any = None
    frame = Frame(kopf.OperatorRegistry(), settings, ("trading",))
    running = threading.Thread(target=frame.run)
    running.start()
    return frame, running


def test_kopf_is_started_again_after_an_error_and_ends_when_told(fake: Kopf) -> None:
    frame, running = frame_in_a_thread()
    assert fake.is_running.wait(5)
    frame.end()
    running.join(5)
    assert not running.is_alive()
    assert fake.runs == 2


def test_frame_that_is_ended_first_never_starts_kopf(fake: Kopf) -> None:
    settings: Any = None
    frame = Frame(kopf.OperatorRegistry(), settings, ())
    frame.end()
    frame.run()
    assert fake.runs == 0


def test_patience_never_ends_and_never_waits_too_long() -> None:
    pauses = list(islice(Patience(), 100))
    assert len(pauses) == 100
    assert max(pauses) <= 10
