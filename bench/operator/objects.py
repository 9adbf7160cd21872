"""Objects of ours, as users write them."""

from typing import Any, Final

from trading_operator.api.base import API_VERSION
from trading_operator.api.tradingsystem import TradingSystem

Document = dict[str, Any]

SYSTEM: Final = "desk"
"""Name of every system: there is one in a namespace."""
SOURCE: Final = {"name": "sample", "replay": {"dataset": "bokeh-stocks"}}


def make_system(namespace: str, log_level: str = "Info") -> Document:
    """Return a TradingSystem."""
    data = {"logLevel": log_level, "sources": [SOURCE]}
    return _resource("TradingSystem", namespace, SYSTEM, {"services": {"data": data}})


def make_strategy(namespace: str, name: str) -> Document:
    """Return a Strategy of the system; it runs in the system's pool, and has no children of its own."""
    rules = {"enterLong": "crosses_above(sma(close, 5), sma(close, 20))", "exitLong": "close < sma(close, 20)"}
    spec = {
        "systemRef": {"name": SYSTEM},
        "universe": {"symbols": ["AAPL", "MSFT"]},
        "data": {"source": "sample"},
        "logic": {"rules": rules},
    }
    return _resource("Strategy", namespace, name, spec)


def model_of(body: Document) -> TradingSystem:
    """Return a TradingSystem of the cluster as the model that children are made from."""
    return TradingSystem.model_validate({**body, "status": {}})


def is_ready(body: Document, generation: int = 1) -> bool:
    """Tell whether an object says that it is Ready, of this generation."""
    return any(
        condition["type"] == "Ready" and condition["status"] == "True" and condition["observedGeneration"] == generation
        for condition in body.get("status", {}).get("conditions", [])
    )


def _resource(kind: str, namespace: str, name: str, spec: Document) -> Document:
    metadata = {"namespace": namespace, "name": name}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}
