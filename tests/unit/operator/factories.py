"""Objects and children for tests, valid by default: a test names only what matters."""

import copy
from typing import Any

from trading_operator.acceptance import Acceptance, AcceptedStrategy, parse_strategy, parse_system
from trading_operator.api.strategy import Strategy
from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import Catalog
from trading_operator.desired.children import desired_system
from trading_operator.observed import Document
from trading_workloads.contract import StrategyReport

CATALOG = Catalog(workload="registry.example/workload:1", redis="registry.example/redis:7")
TOKEN = "a token that is long enough"


def system_body(name: str = "desk", *, generation: int = 1, **spec: Any) -> Document:
    sources = [{"name": "sample", "timeframe": "1d", "replay": {"dataset": "bokeh-stocks"}}]
    return _body("TradingSystem", name, generation, {"services": {"data": {"sources": sources}}, **spec})


def strategy_body(name: str = "alpha", *, generation: int = 1, **spec: Any) -> Document:
    default = {
        "systemRef": {"name": "desk"},
        "universe": {"symbols": ["AAPL", "MSFT"]},
        "data": {"source": "sample"},
        "logic": {"rules": {"enterLong": "crosses_above(sma(close, 5), sma(close, 20))"}},
    }
    return _body("Strategy", name, generation, {**default, **spec})


def make_system(**spec: Any) -> TradingSystem:
    return parse_system(system_body(**spec))


def make_strategy(name: str = "alpha", **spec: Any) -> Strategy:
    return parse_strategy(strategy_body(name, **spec))


def accepted(strategy: Strategy, system: TradingSystem | None = None) -> AcceptedStrategy:
    return Acceptance(CATALOG).accept_strategy(strategy, system or make_system())


def children(system: TradingSystem) -> dict[str, Document]:
    """Return the children of a system by `Kind/name`."""
    return by_name(desired_system(system, [], CATALOG, TOKEN))


def by_name(manifests: list[Document]) -> dict[str, Document]:
    return {f"{manifest['kind']}/{manifest['metadata']['name']}": manifest for manifest in manifests}


def make_report(strategy: Strategy, **changes: Any) -> StrategyReport:
    report: StrategyReport = {
        "uid": strategy.metadata.uid,
        "generation": strategy.metadata.generation,
        "revision": accepted(strategy).revision,
        "state": "Running",
        "holder": "signal-service-0",
        "barsSeen": 100,
        "warm": True,
        "warmSymbols": 2,
        "lastBar": "2012-05-18T20:00:00Z",
        "signals": 3,
    }
    return {**report, **changes}  # type: ignore[typeddict-item]  # a test may break it on purpose


def as_seen(manifest: Document, *, version: int = 1, **status: Any) -> Document:
    """Return a child as the API server has it: with identity, defaults filled in, and a status."""
    found = copy.deepcopy(manifest)
    found["metadata"] |= {
        "uid": f"uid-of-{found['metadata']['name']}",
        "resourceVersion": str(version),
        "generation": 1,
    }
    found["metadata"].setdefault("annotations", {})["somebody/else"] = "1"
    found["status"] = status
    for container in found.get("spec", {}).get("template", {}).get("spec", {}).get("containers", []):
        container |= {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}
    return found


def _body(kind: str, name: str, generation: int, spec: Document) -> Document:
    metadata = {
        "name": name,
        "namespace": "trading",
        "uid": f"uid-of-{name}",
        "generation": generation,
        "resourceVersion": "1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    document = {"apiVersion": "signaltrading.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    return copy.deepcopy(document)
