"""Every signal of the quickstart, over the whole recording, against a computation that shares no code with ours."""

from collections.abc import Iterator

import pytest

from devcluster.kubectl import Kubectl
from tests.e2e.expectations import expected_signals
from tests.e2e.platform import Document, Platform, quickstart

STRATEGIES = ("tech-ma-cross", "dip-buyer")


@pytest.fixture(scope="module")
def platform(kubectl: Kubectl) -> Iterator[Platform]:
    platform = Platform(kubectl, "signals")
    platform.apply(quickstart(closes_per_second=200))
    platform.wait_until_ready()
    for strategy in STRATEGIES:
        platform.wait_until_replayed(strategy)
    return platform


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_signals_equal_an_independent_computation(platform: Platform, strategy: str) -> None:
    expected = expected_signals(strategy)
    found = platform.signals(strategy)
    assert len(expected) > 30, "the comparison must have something to compare"
    assert [identity(signal) for signal in found] == [signal[:3] for signal in expected]
    assert [signal["strength"] for signal in found] == pytest.approx([signal[3] for signal in expected], abs=1e-12)
    assert [signal["referencePrice"] for signal in found] == [signal[4] for signal in expected]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_each_signal_says_why(platform: Platform, strategy: str) -> None:
    signals = platform.signals(strategy)
    rules = {"EnterLong": "enterLong", "ExitLong": "exitLong"}
    assert all(signal["reason"]["rule"] == rules[signal["action"]] for signal in signals)
    assert all(signal["reason"]["values"] for signal in signals)


def test_status_shows_the_newest_signal(platform: Platform) -> None:
    newest = platform.signals("tech-ma-cross")[-1]
    wanted = {"time": newest["barClose"], "symbol": newest["symbol"], "action": newest["action"]}
    platform.wait_for_status("tech-ma-cross", lambda status: status.get("lastSignal") == wanted)


def test_signals_of_one_symbol_and_time_can_be_asked_for(platform: Platform) -> None:
    query = "strategy=tech-ma-cross&symbol=AAPL&from=2005-01-01&to=2006-01-01&order=asc"
    found = platform.query(f"/api/v1/signals?{query}")["signals"]
    expected = [
        signal[:3]
        for signal in expected_signals("tech-ma-cross")
        if signal[1] == "AAPL" and "2005" <= signal[0] < "2006"
    ]
    assert [identity(signal) for signal in found] == expected
    assert expected


def identity(signal: Document) -> tuple[str, str, str]:
    return signal["barClose"], signal["symbol"], signal["action"]
