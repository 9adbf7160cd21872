from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from yarl import URL

from trading_operator.cluster.watchsession import ANEW_SECONDS, APART_SECONDS, Pulse, TakeStock, WatchRequests
from trading_operator.errors import ApiError
from trading_operator.kinds import OBJECTS, STRATEGY, Kind

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


async def send(requests: WatchRequests, url: URL, *, status: int = 200) -> str:
    async def answer(request: Any) -> Any:
        token = request.headers["Authorization"]
        return SimpleNamespace(ok=status < 400, status=status, token=token, close=lambda: None)

    request: Any = Request(url)
    answered: Any = await requests(request, answer)
    return str(answered.token)


def make_requests(
    *pulses: Pulse, take_stock: TakeStock | None = None, waits: list[float] | None = None
) -> WatchRequests:
    account: Any = Account()

    async def nothing_is_listed(*_: object) -> str:
        raise AssertionError

    async def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    return WatchRequests(account, take_stock or nothing_is_listed, pulses, clock=lambda: 100.0, sleep=sleep)


async def test_watches_that_end_at_once_follow_each_other_slowly() -> None:
    waits: list[float] = []
    spaced = make_requests(waits=waits)
    for _ in range(3):
        await send(spaced, WATCH)
    await send(spaced, WATCH.with_path("/apis/signaltrading.io/v1alpha1/tradingsystems", keep_query=True))
    assert waits == [0.0, APART_SECONDS, 2 * APART_SECONDS, 0.0]


async def test_lists_do_not_wait_and_tokens_rotate() -> None:
    waits: list[float] = []
    spaced = make_requests(waits=waits)
    assert [await send(spaced, WATCH.with_query(limit="500")) for _ in range(2)] == ["Bearer 1", "Bearer 2"]
    assert waits == []


async def test_watch_that_would_send_everything_goes_on_from_our_listing() -> None:
    listed: list[tuple[Kind, str | None]] = []
    waits: list[float] = []
    sent: list[URL] = []

    async def take_stock(kind: Kind, namespace: str | None) -> str:
        listed.append((kind, namespace))
        return "42"

    async def answer(request: Any) -> Any:
        sent.append(request.url)
        return SimpleNamespace(ok=True, status=200)

    requests = make_requests(*(Pulse(kind, "trading") for kind in OBJECTS), take_stock=take_stock, waits=waits)
    path = f"https://cluster.test{STRATEGY.path('trading')}"
    request: Any = Request(URL(f"{path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&x=1"))
    for _ in range(2):
        await requests(request, answer)
        request = Request(URL(f"{path}?watch=true&sendInitialEvents=true"))
    assert listed == [(STRATEGY, "trading")] * 2
    assert [dict(url.query) for url in sent] == [
        {"watch": "true", "x": "1", "resourceVersion": "42"},
        {"watch": "true", "resourceVersion": "42"},
    ]
    assert waits == [0.0, ANEW_SECONDS], "a listing costs more than a request"


async def test_listing_that_fails_is_for_kopf_a_connection_that_failed() -> None:
    async def fail(*_: object) -> str:
        raise ApiError(500, "out of order")

    requests = make_requests(*(Pulse(kind, None) for kind in OBJECTS), take_stock=fail)
    with pytest.raises(aiohttp.ClientConnectionError, match="out of order"):
        await send(requests, WATCH.update_query(sendInitialEvents="true"))


async def test_request_is_a_sign_of_life_of_its_own_watch_and_an_answer_is_news() -> None:
    pulses = [Pulse(kind, None, heard=0.0, alive=0.0) for kind in OBJECTS]
    systems, strategies = pulses
    requests = make_requests(*pulses)
    await send(requests, WATCH, status=500)
    assert [(pulse.alive, pulse.heard) for pulse in (systems, strategies)] == [(0.0, 0.0), (100.0, 0.0)]
    await send(requests, WATCH)
    assert (systems.heard, strategies.heard) == (0.0, 100.0)


async def test_whoever_asks_what_there_is_to_be_watched_is_alive_and_has_heard_nothing_of_it() -> None:
    pulses = [Pulse(kind, "trading", heard=0.0, alive=0.0) for kind in OBJECTS]
    await send(make_requests(*pulses), URL("https://cluster.test/apis"))
    assert [(pulse.alive, pulse.heard) for pulse in pulses] == [(100.0, 0.0)] * 2


async def test_api_server_that_does_not_know_us_is_waited_out() -> None:
    requests = make_requests(*(Pulse(kind, None) for kind in OBJECTS))
    with pytest.raises(aiohttp.ClientConnectionError, match="401"):
        await send(requests, WATCH, status=401)
