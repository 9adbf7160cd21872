"""Runners, Redis, the data service and the operator are killed during the replay; each signal comes once."""

import time
from collections import Counter

import pytest

from devcluster.kubectl import Kubectl
from tests.e2e.conftest import OPERATOR_NAMESPACE
from tests.e2e.expectations import expected_signals
from tests.e2e.platform import LAST_CLOSE_MS, Platform, quickstart, wait_for

POOL = "app.kubernetes.io/component=signal-service"
DEDICATED = "trading.signaltrading.io/strategy=dip-buyer"
REDIS = "app.kubernetes.io/component=redis"
DATA = "app.kubernetes.io/component=data-service"
VICTIMS = (POOL, DEDICATED, POOL, REDIS, DATA, POOL, DEDICATED, REDIS, POOL, DATA, DEDICATED)
STRATEGIES = ("tech-ma-cross", "dip-buyer")


@pytest.fixture(scope="module")
def platform(kubectl: Kubectl) -> Platform:
    """A platform whose parts were killed one after the other while it replayed, and which then came to the end."""
    platform = Platform(kubectl, "faults")
    operator = Platform(kubectl, OPERATOR_NAMESPACE)
    platform.apply(quickstart(closes_per_second=40))
    platform.wait_until_ready()
    for place, victim in enumerate(VICTIMS):
        wait_for(lambda victim=victim: platform.pods(victim), f"a pod of {victim}", 60)
        if place == len(VICTIMS) // 2:
            operator.kill("app.kubernetes.io/name=trading-operator")
        platform.kill(victim)
        time.sleep(4)
    assert 0 < platform.last_bar("tech-ma-cross") < LAST_CLOSE_MS, "the kills must have come during the replay"
    for strategy in STRATEGIES:
        platform.wait_until_replayed(strategy)
    return platform


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_each_signal_comes_once_and_none_is_missing(platform: Platform, strategy: str) -> None:
    found = [(signal["barClose"], signal["symbol"], signal["action"]) for signal in platform.signals(strategy)]
    assert [signal for signal, times in Counter(found).items() if times > 1] == []
    assert found == [signal[:3] for signal in expected_signals(strategy)]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_redis_itself_has_each_signal_once(platform: Platform, strategy: str) -> None:
    assert platform.signal_count(strategy) == len(expected_signals(strategy))


def test_everything_is_ready_again(platform: Platform) -> None:
    platform.wait_until_ready(60)
