"""What the signal service answers over HTTP: pages of signals, mistakes, probes, and what only the operator may ask."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest

from tests.integration.workloads.expected import expected_signals
from tests.integration.workloads.redis_server import RedisServer
from tests.integration.workloads.stage import LAST_BAR, TOKEN, Stage
from tests.integration.workloads.strategies import DIPS, make_control, make_document, make_spec
from tests.integration.workloads.workload import wait_until
from trading_workloads.contract import TOKEN_HEADER

DOCUMENTS = [make_document("cross"), make_document("dipper", spec=make_spec(DIPS))]
TRUSTED = {TOKEN_HEADER: TOKEN}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a signal service that has replayed everything; shared by the tests of this file."""
    folder = tmp_path_factory.mktemp("api")
    (folder / "redis").mkdir()
    server = RedisServer(folder / "redis")
    server.start()
    stage = Stage(server, folder)
    stage.data(closes_per_second=5000)
    service = stage.signal("pod", *DOCUMENTS)
    for document in DOCUMENTS:
        wait_until(lambda name=document["name"]: stage.bar(name) == LAST_BAR, "the replay ends")
    yield f"http://127.0.0.1:{service.port}"
    stage.close()
    server.kill()


@pytest.fixture
async def http(finished: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(finished) as session:
        yield session


async def ask(http: aiohttp.ClientSession, **parameters: Any) -> dict[str, Any]:
    async with http.get("/api/v1/signals", params=parameters) as answer:
        assert answer.status == 200, await answer.text()
        page: dict[str, Any] = await answer.json()
        return page


async def all_pages(http: aiohttp.ClientSession, **parameters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = await ask(http, **parameters)
    while True:
        assert len(page["signals"]) <= int(parameters.get("limit", 100))
        found += page["signals"]
        if page["nextCursor"] is None:
            return found
        page = await ask(http, **parameters, cursor=page["nextCursor"])


def merged(*documents: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the signals of strategies in the order of the API, oldest first."""
    signals = [signal for document in documents for signal in expected_signals(document)]

    def place(signal: dict[str, Any]) -> tuple[int, int, str]:
        close, number = signal["id"].split("-")
        return int(close), int(number), signal["strategy"]

    return sorted(signals, key=place)


def comparable(signals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in signal.items() if name != "emittedAt"} for signal in signals]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [7, 100, 1000])
async def test_pages_put_together_are_every_signal_in_order(
    http: aiohttp.ClientSession, order: str, limit: int
) -> None:
    expected = merged(*DOCUMENTS)
    found = comparable(await all_pages(http, order=order, limit=limit))
    assert found == (expected if order == "asc" else expected[::-1])


@pytest.mark.parametrize(
    ("parameters", "keeps"),
    [
        ({"strategy": "dipper"}, lambda signal: signal["strategy"] == "dipper"),
        ({"symbol": "FB"}, lambda signal: signal["symbol"] == "FB"),
        ({"from": "2005-01-01"}, lambda signal: signal["barClose"] >= "2005"),
        ({"to": "2005-01-03"}, lambda signal: signal["barClose"] < "2005-01-04"),
        (
            {"from": "2007-05-01T00:00:00+02:00", "to": "2008-02-29T21:00:00Z", "symbol": "IBM", "strategy": "cross"},
            lambda signal: (
                "2007-05" <= signal["barClose"] <= "2008-02-29T21:00:00Z"
                and signal["symbol"] == "IBM"
                and signal["strategy"] == "cross"
            ),
        ),
        ({"from": "2020-01-01"}, lambda _: False),
    ],
    ids=["strategy", "symbol", "from", "to", "all", "none"],
)
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_filters_keep_what_they_say(
    http: aiohttp.ClientSession, parameters: dict[str, str], keeps: Any, order: str
) -> None:
    expected = [signal for signal in merged(*DOCUMENTS) if keeps(signal)]
    found = comparable(await all_pages(http, **parameters, order=order, limit=30))
    assert found == (expected if order == "asc" else expected[::-1])


async def test_newest_signals_come_first_by_default(http: aiohttp.ClientSession) -> None:
    assert comparable((await ask(http, limit=3))["signals"]) == merged(*DOCUMENTS)[:-4:-1]


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ({"limit": "0"}, "query.limit"),
        ({"limit": "1001"}, "query.limit"),
        ({"limit": "many"}, "query.limit"),
        ({"order": "up"}, "query.order"),
        ({"from": "yesterday"}, "query.from"),
        ({"to": "2005-13-01"}, "query.to"),
        ({"from": "2006-01-01", "to": "2005-01-01"}, "query.from"),
        ({"cursor": "WzEsMl0"}, "query.cursor"),
        ({"cursor": "é"}, "query.cursor"),
        ({"strategy": "Not_A_Name"}, "query.strategy"),
        ({"strategy": "nobody"}, "query.strategy"),
        ({"symbol": "no symbol"}, "query.symbol"),
        ({"symbl": "AAPL"}, "query.symbl"),
    ],
)
async def test_wrong_parameter_is_a_problem_that_says_where(
    http: aiohttp.ClientSession, parameters: dict[str, str], where: str
) -> None:
    async with http.get("/api/v1/signals", params=parameters) as answer:
        assert answer.status == 400
        assert answer.content_type == "application/problem+json"
        problem = json.loads(await answer.text())
    assert [error["where"] for error in problem["errors"]] == [where]
    assert all(error["found"] and error["expected"] for error in problem["errors"])
    assert (problem["status"], problem["title"]) == (400, "Bad Request")


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
async def test_probes_answer(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("headers", [{}, {TOKEN_HEADER: ""}, {TOKEN_HEADER: "wrong"}, {TOKEN_HEADER: TOKEN + "x"}])
@pytest.mark.parametrize(("method", "path"), [("GET", "/internal/status"), ("PUT", "/internal/control")])
async def test_internal_paths_need_the_token(
    http: aiohttp.ClientSession, method: str, path: str, headers: dict[str, str]
) -> None:
    async with http.request(method, path, headers=headers, data=b"{}") as answer:
        assert answer.status == 401
        assert answer.content_type == "application/problem+json"


async def test_status_shows_strategies_and_sources(http: aiohttp.ClientSession) -> None:
    async with http.get("/internal/status", headers=TRUSTED) as answer:
        status = await answer.json()
    report = status["strategies"]["cross"]
    newest = expected_signals(DOCUMENTS[0])[-1]
    assert report["lastSignal"] == {
        "time": newest["barClose"],
        "symbol": newest["symbol"],
        "action": newest["action"],
    }
    assert report["signals"] == len(expected_signals(DOCUMENTS[0]))
    assert (report["barsSeen"], report["warm"], report["holder"]) == (3270, True, "pod")
    assert status["sources"]["sample"]["clock"] == "replay"
    assert status["trading"] == "Active"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"{", "body.control"),
        (b'{"trading": "Maybe"}', "body.trading"),
        (b'{"strategies": {"a": {"name": "a"}}}', "body.strategies.a.uid"),
        (json.dumps({"strategies": {"b": make_document("a")}}).encode(), "body.strategies.b.name"),
        (b'{"unknown": 1}', "body.unknown"),
    ],
)
async def test_wrong_control_document_is_refused(http: aiohttp.ClientSession, body: bytes, where: str) -> None:
    async with http.put("/internal/control", headers=TRUSTED, data=body) as answer:
        assert answer.status == 400
        problem = json.loads(await answer.text())
    assert problem["errors"][0]["where"] == where
    assert problem["errors"][0]["expected"]


async def test_pushed_control_takes_effect(stage: Stage) -> None:
    stage.data(closes_per_second=5000)
    service = stage.signal("pod", *DOCUMENTS)
    wait_until(lambda: stage.bar("dipper") == LAST_BAR, "the replay ends")
    pushed = make_control(make_document("cross"), make_document("late"), trading="ReduceOnly")
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{service.port}", headers=TRUSTED) as http,
        http.put("/internal/control", data=json.dumps(pushed)) as answer,
    ):
        assert answer.status == 200
    wait_until(lambda: stage.bar("late") == LAST_BAR, "the new strategy runs")
    async with aiohttp.ClientSession(f"http://127.0.0.1:{service.port}", headers=TRUSTED) as http:
        status = await (await http.get("/internal/status")).json()
    assert status["trading"] == "ReduceOnly"
    assert set(status["strategies"]) <= {"cross", "late"}


async def test_service_is_not_ready_while_redis_is_away_and_answers_at_once(stage: Stage) -> None:
    stage.data(closes_per_second=500)
    service = stage.signal("pod", *DOCUMENTS)
    wait_until(lambda: stage.bar() > 0, "the runner works")
    stage.redis.kill()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{service.port}") as http:
        assert (await http.get("/health")).status == 200
        assert (await http.get("/ready")).status == 503
        assert (await http.get("/api/v1/signals")).status == 503
    stage.redis.start()
    before = stage.bar()
    wait_until(lambda: stage.bar() > before, "the runner goes on")
