from typing import Any

import pytest
from yarl import URL

from trading_operator.cluster.watchsession import APART_SECONDS, WatchRequests

WATCH = URL("https://cluster.test/apis/signaltrading.io/v1alpha1/strategies?watch=true&resourceVersion=7")


class Request:
    def __init__(self, url: URL) -> None:
        self.url = url
        self.headers: dict[str, str] = {}


class Account:
    """Credentials whose token rotates."""

    def __init__(self) -> None:
        self.token = 0

    def headers(self) -> dict[str, str]:
        self.token += 1
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("trading_operator.cluster.watchsession.asyncio.sleep", sleep)
    return waits


async def send(spaced: WatchRequests, url: URL) -> str:
    async def answer(request: Any) -> Any:
        return request.headers["Authorization"]

    request: Any = Request(url)
    answered: Any = await spaced(request, answer)
    return str(answered)


async def test_watches_that_end_at_once_follow_each_other_slowly(waits: list[float]) -> None:
    spaced = WatchRequests(Account(), lambda: None, clock=lambda: 100.0)  # type: ignore[arg-type]
    for _ in range(3):
        await send(spaced, WATCH)
    await send(spaced, WATCH.with_path("/apis/signaltrading.io/v1alpha1/tradingsystems", keep_query=True))
    assert waits == [0.0, APART_SECONDS, 2 * APART_SECONDS, 0.0]


async def test_lists_do_not_wait_and_tokens_rotate(waits: list[float]) -> None:
    spaced = WatchRequests(Account(), lambda: None, clock=lambda: 100.0)  # type: ignore[arg-type]
    assert [await send(spaced, WATCH.with_query(limit="500")) for _ in range(2)] == ["Bearer 1", "Bearer 2"]
    assert waits == []


async def test_end_of_a_listing_is_told_once(waits: list[float]) -> None:
    told: list[str] = []
    requests = WatchRequests(Account(), lambda: told.append("listed"), clock=lambda: 100.0)  # type: ignore[arg-type]
    await send(requests, WATCH)
    assert told == [], "this watch goes on where another one ended"
    for url in (WATCH.with_query(limit="250"), WATCH.with_query({"limit": "250", "continue": "x"}), WATCH, WATCH):
        await send(requests, url)
    assert told == ["listed"]
    assert waits
