"""What the API server itself accepts and refuses, with no operator running."""

from typing import Any

import pytest
import yaml

from devcluster.kubectl import Kubectl

RULES = {"rules": {"enterLong": "close > 1"}}
CROSS = {"builtin": {"movingAverageCross": {"fast": 20, "slow": 50}}}


def strategy(**changes: Any) -> dict[str, Any]:
    spec = {
        "systemRef": {"name": "signal-trading"},
        "universe": {"symbols": ["AAPL"]},
        "data": {"source": "sample"},
        "logic": RULES,
        **changes,
    }
    return resource("Strategy", {name: value for name, value in spec.items() if value is not None})


def system(**spec: Any) -> dict[str, Any]:
    return resource("TradingSystem", spec)


def resource(kind: str, spec: dict[str, Any], name: str = "example") -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "signaltrading.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def source(**kind: Any) -> dict[str, Any]:
    return system(services={"data": {"sources": [{"name": "sample", **kind}]}})


ACCEPTED = {
    "empty-system": system(),
    "external-redis": system(redis={"external": {"host": "redis.example", "tls": {}}}),
    "sentinel-with-storage": system(redis={"managed": {"topology": "Sentinel", "storage": {"size": "5Gi"}}}),
    "external-database": system(database={"external": {}}),
    "replay-source": source(replay={"dataset": "bokeh-stocks", "barsPerSecond": "2.5"}),
    "autoscaled-gateway": system(services={"gateway": {"autoscaling": {"minReplicas": 2, "targetCPU": 60}}}),
    "ingress-by-class": system(ingress={"host": "api.example.com", "className": "nginx"}),
    "ingress-by-gateway": system(ingress={"host": "api.example.com", "gatewayRef": {"name": "door"}}),
    "backup-to-a-volume": system(backup={"storage": {"persistentVolumeClaim": {"size": "20Gi"}}}),
    "backup-to-a-bucket": system(backup={"storage": {"s3": {"bucket": "backups"}}, "schedule": "0 */2 * * 1-5"}),
    "prometheus-operator": system(monitoring={"mode": "PrometheusOperator", "retention": "30d"}),
    "rules": strategy(),
    "builtin": strategy(logic=CROSS),
    "model": strategy(logic={"model": {"name": "next-day", "features": ["rsi(close, 14)"]}}),
    "code-in-its-own-pod": strategy(
        logic={"code": {"configMapRef": {"name": "mine", "key": "strategy.py"}}}, placement="Dedicated"
    ),
    "decimal-parameter": strategy(parameters={"k": {"value": "0.5", "min": 0, "max": "1.5"}}),
    "fixed-warm-up": strategy(warmup={"bars": 100}),
    "crypto-symbol": strategy(universe={"symbols": ["BTC/USDT", "^GSPC", "EURUSD=X"]}),
}

REFUSED = {
    "name-with-dots": (resource("TradingSystem", {}, name="a.b"), "expected metadata.name to be a DNS label"),
    "name-too-long": (resource("TradingSystem", {}, name="a" * 64), "expected metadata.name to be a DNS label"),
    "redis-of-both-kinds": (
        system(redis={"managed": {}, "external": {"host": "r"}}),
        "spec.redis: Invalid value: expected exactly one of managed, external; found: managed external",
    ),
    "redis-of-no-kind": (system(redis={}), "expected exactly one of managed, external; found: none"),
    "unknown-topology": (system(redis={"managed": {"topology": "Cluster"}}), 'supported values: "Single", "Sentinel"'),
    "misspelt-field": (system(suspended=True), ".spec.suspended: field not declared"),
    "replicas-and-autoscaling": (
        system(services={"gateway": {"replicas": 2, "autoscaling": {}}}),
        "expected at most one of replicas, autoscaling",
    ),
    "shrinking-autoscaler": (
        system(services={"gateway": {"autoscaling": {"minReplicas": 5, "maxReplicas": 2}}}),
        "expected minReplicas <= maxReplicas",
    ),
    "source-of-two-kinds": (
        source(replay={}, ccxt={"exchange": "kraken", "symbols": ["BTC/EUR"]}),
        "expected exactly one of replay, csv, http, ccxt; found: replay ccxt",
    ),
    "two-sources-of-one-name": (
        system(services={"data": {"sources": [{"name": "a", "replay": {}}, {"name": "a", "replay": {}}]}}),
        "duplicate entries",
    ),
    "ingress-without-a-kind": (system(ingress={"host": "a.example"}), "expected exactly one of className, gatewayRef"),
    "thresholds-the-wrong-way": (
        system(monitoring={"thresholds": {"cpu": {"warning": 95, "critical": 90}}}),
        "expected warning <= critical",
    ),
    "schedule-of-two-fields": (system(backup={"schedule": "5 4"}), "spec.backup.schedule"),
    "firewall-as-a-yaml-word": (
        system(ingress={"host": "a.example", "className": "n", "firewall": False}),
        "spec.ingress.firewall",
    ),
    "digest-that-is-none": (system(images={"digest": "latest"}), "spec.images.digest"),
    "pull-secret-twice": (system(images={"pullSecrets": ["mine", "mine"]}), "duplicate entries"),
    "reference-with-a-namespace": (
        strategy(systemRef={"name": "s", "namespace": "kube-system"}),
        ".spec.systemRef.namespace: field not declared",
    ),
    "two-kinds-of-logic": (
        strategy(logic=RULES | CROSS),
        "expected exactly one of rules, builtin, model, code; found: rules builtin",
    ),
    "no-logic": (strategy(logic={}), "expected exactly one of rules, builtin, model, code; found: none"),
    "no-universe": (strategy(universe=None), "spec.universe: Required value"),
    "no-symbols": (strategy(universe={"symbols": []}), "spec.universe.symbols"),
    "symbol-twice": (strategy(universe={"symbols": ["AAPL", "AAPL"]}), "duplicate entries"),
    "symbol-with-a-path": (strategy(universe={"symbols": ["../../etc"]}), "spec.universe.symbols[0]"),
    "two-builtins": (
        strategy(logic={"builtin": {"rsi": {}, "macd": {}}}),
        "expected exactly one of movingAverageCross, rsi,",
    ),
    "fast-above-slow": (
        strategy(logic={"builtin": {"movingAverageCross": {"fast": 50, "slow": 20}}}),
        "expected fast < slow",
    ),
    "rules-that-never-enter": (
        strategy(logic={"rules": {"exitLong": "close > 1"}}),
        "expected at least one of enterLong, enterShort; found neither",
    ),
    "expression-too-long": (
        strategy(logic={"rules": {"enterLong": "close > " + "1" * 2000}}),
        "may not be more than 2000",
    ),
    "code-among-others": (
        strategy(logic={"code": {"image": "code@sha256:" + "0" * 64}}),
        "expected placement Dedicated for logic.code; found Shared",
    ),
    "standing-still": (source(replay={"barsPerSecond": "0"}), "replay.barsPerSecond"),
    "standing-still-as-a-number": (source(replay={"barsPerSecond": 0}), "replay.barsPerSecond"),
    "backwards": (source(replay={"barsPerSecond": "-1"}), "replay.barsPerSecond"),
    "negative-strength": (strategy(signals={"minStrength": "-0.5"}), "spec.signals.minStrength"),
    "unknown-timeframe": (strategy(data={"source": "sample", "timeframe": "2d"}), 'supported values: "1m"'),
    "number-beyond-a-float": (strategy(parameters={"k": {"value": 10**15}}), "spec.parameters.k.value"),
    "bare-float": (strategy(parameters={"k": {"value": 0.5}}), "spec.parameters.k.value"),
    "duration-in-words": (strategy(signals={"ttl": "one day"}), "spec.signals.ttl"),
    "negative-cooldown": (strategy(signals={"cooldownBars": -1}), "spec.signals.cooldownBars"),
    "warm-up-in-words": (strategy(warmup={"bars": "many"}), "spec.warmup.bars"),
    "state-of-another-kind": (strategy(state="Stopped"), 'supported values: "Running", "Paused", "Halted"'),
}


@pytest.mark.parametrize("document", ACCEPTED.values(), ids=ACCEPTED)
def test_api_server_accepts(api_server: Kubectl, document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document)
    assert "example" in api_server("apply", "--server-side", "--dry-run=server", "--filename=-", text=text)


@pytest.mark.parametrize(("document", "message"), REFUSED.values(), ids=REFUSED)
def test_api_server_refuses_and_says_why(api_server: Kubectl, document: dict[str, Any], message: str) -> None:
    assert message in api_server.refusal(yaml.safe_dump(document))
