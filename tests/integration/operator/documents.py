"""Objects as users write them, valid by default."""

import copy
from typing import Any

Document = dict[str, Any]

SYSTEM = "desk"
SOURCE: Document = {"name": "sample", "replay": {"dataset": "bokeh-stocks"}}
RULES: Document = {"rules": {"enterLong": "crosses_above(sma(close, 5), sma(close, 20))"}}


def make_system(name: str = SYSTEM, **spec: Any) -> Document:
    default = {"services": {"data": {"sources": [SOURCE]}}}
    return _resource("TradingSystem", name, {**default, **spec})


def make_strategy(name: str, **spec: Any) -> Document:
    default = {
        "systemRef": {"name": SYSTEM},
        "universe": {"symbols": ["AAPL", "MSFT"]},
        "data": {"source": "sample"},
        "logic": RULES,
    }
    return _resource("Strategy", name, {**default, **spec})


def _resource(kind: str, name: str, spec: Document) -> Document:
    document = {"apiVersion": "signaltrading.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}
    return copy.deepcopy(document)
