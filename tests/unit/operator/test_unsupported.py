from typing import Any

import pytest

from tests.unit.operator.factories import make_strategy, make_system
from trading_operator.unsupported import (
    refused_strategy,
    refused_system,
    unsupported_strategy,
    unsupported_system,
)


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        ({}, ()),
        ({"redis": {"managed": {"storage": {"size": "1Gi"}}}}, ()),
        ({"images": {"tag": "2"}, "trading": {"state": "Halted"}}, ()),
        ({"services": {"signal": {"replicas": 1, "logLevel": "Debug", "resources": {"limits": {"cpu": "2"}}}}}, ()),
        ({"services": {"gateway": {"enabled": False}}, "monitoring": {"mode": "Disabled"}}, ()),
        ({"redis": {"managed": {"topology": "Sentinel"}}}, ("spec.redis.managed.topology",)),
        ({"redis": {"external": {"host": "redis.example"}}}, ("spec.redis.external",)),
        ({"services": {"data": {"replicas": 2}}}, ("spec.services.data.replicas",)),
        ({"services": {"signal": {"shards": 4}}}, ("spec.services.signal.shards",)),
        ({"services": {"data": {"autoscaling": {}}}}, ("spec.services.data.autoscaling",)),
        ({"services": {"data": {"sources": [{"name": "f", "csv": {}}]}}}, ("spec.services.data.sources[0].csv",)),
        ({"suspend": True, "backup": {}}, ("spec.suspend", "spec.backup")),
        ({"ingress": {"host": "api.example.com", "className": "nginx"}}, ("spec.ingress",)),
        ({"scheduling": {"nodeSelector": {"a": "b"}}}, ("spec.scheduling.nodeSelector",)),
    ],
)
def test_fields_of_a_system_that_have_no_effect_are_named(spec: dict[str, Any], paths: tuple[str, ...]) -> None:
    promised = unsupported_system(make_system().spec)
    assert tuple(path for path in unsupported_system(make_system(**spec).spec) if path not in promised) == paths


def test_defaults_that_promise_what_is_not_there_are_named_until_they_are_turned_off() -> None:
    promised = unsupported_system(make_system().spec)
    assert {"spec.security.networkPolicy", "spec.monitoring.mode", "spec.services.risk.enabled"} <= set(promised)
    spec = make_system(security={"networkPolicy": "Disabled"}, monitoring={"mode": "Disabled"}).spec
    assert set(promised) - set(unsupported_system(spec)) == {"spec.security.networkPolicy", "spec.monitoring.mode"}


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        ({}, ()),
        ({"mode": "Shadow", "state": "Paused", "placement": "Dedicated"}, ()),
        ({"signals": {"ttl": "5m", "cooldownBars": 3}, "warmup": {"bars": 3}, "sizing": {"maxWeight": "5%"}}, ()),
        ({"logic": {"builtin": {"movingAverageCross": {}}}}, ()),
        ({"mode": "Live"}, ("spec.mode",)),
        ({"logic": {"builtin": {"rsi": {}}}}, ("spec.logic.builtin.rsi",)),
        ({"logic": {"model": {"name": "m", "features": ["close"]}}}, ("spec.logic.model",)),
        ({"sizing": {"method": "FixedWeight"}}, ("spec.sizing.method",)),
        ({"resources": {"limits": {"cpu": "1"}}}, ("spec.resources",)),
        ({"resources": {"limits": {"cpu": "1"}}, "placement": "Dedicated"}, ()),
        ({"data": {"source": "sample", "gaps": "Halt"}}, ("spec.data.gaps",)),
        ({"universe": {"symbols": ["A"], "session": "Extended"}}, ("spec.universe.session",)),
        ({"rollout": {"strategy": "Shadow"}}, ("spec.rollout.strategy",)),
        ({"risk": {"maxSignalsPerHour": 1}}, ("spec.risk.maxSignalsPerHour",)),
    ],
)
def test_fields_of_a_strategy_that_have_no_effect_are_named(spec: dict[str, Any], paths: tuple[str, ...]) -> None:
    assert unsupported_strategy(make_strategy(**spec).spec) == paths


def test_some_of_them_keep_an_object_from_running_at_all() -> None:
    assert refused_system(("spec.backup", "spec.redis.external")) == "spec.redis.external"
    assert refused_system(("spec.backup", "spec.services.signal.shards")) is None
    assert refused_strategy(("spec.sizing.method", "spec.logic.builtin.rsi")) == "spec.logic.builtin.rsi"
    assert refused_strategy(("spec.sizing.method",)) is None
