"""Which changes make a new revision."""

from typing import Any

import pytest

from tests.unit.workloads.factories import make_spec
from trading_workloads.rules import revision_of

NEW_REVISION: dict[str, dict[str, Any]] = {
    "logic": {"logic": {"rules": {"enterLong": "close > open"}}},
    "parameter": {"parameters": {"n": {"value": 4}}},
    "universe": {"symbols": ("MSFT", "AAPL")},
    "timeframe": {"data": {"source": "sample", "timeframe": "1h"}},
    "warm-up": {"warmup": {"bars": 5}},
}
SAME_REVISION: dict[str, dict[str, Any]] = {
    "state": {"state": "Paused"},
    "mode": {"mode": "Live"},
    "signals": {"signals": {"minStrength": "0.5"}},
    "sizing": {"sizing": {"maxWeight": "1%"}},
    "rollout": {"rollout": {"minBars": 3}},
    "bounds of a parameter": {"parameters": {"n": {"value": 3, "max": 9}}},
    "default that is written out": {"data": {"source": "sample", "timeframe": "1d"}, "warmup": {"bars": "Auto"}},
}
BASE: dict[str, Any] = {"symbols": ("AAPL", "MSFT"), "parameters": {"n": {"value": 3}}}


@pytest.mark.parametrize("change", NEW_REVISION)
def test_change_of_meaning_makes_a_revision(change: str) -> None:
    assert revision_of(make_spec(**BASE | NEW_REVISION[change]), "image:1") != revision_of(make_spec(**BASE), "image:1")


@pytest.mark.parametrize("change", SAME_REVISION)
def test_hot_field_makes_no_revision(change: str) -> None:
    assert revision_of(make_spec(**BASE | SAME_REVISION[change]), "image:1") == revision_of(
        make_spec(**BASE), "image:1"
    )


def test_image_makes_a_revision() -> None:
    assert revision_of(make_spec(), "image:1") != revision_of(make_spec(), "image:2")


def test_revision_is_the_same_in_every_process() -> None:
    """Were this to change, every strategy would get a new revision by an upgrade alone."""
    assert revision_of(make_spec(), "image:1") == "ef13f0b048"
