"""ConfigMaps: the durable truth that pods read when they start."""

from collections.abc import Iterable

from kubernetes.client import V1ConfigMap

from trading_operator.api.strategy import Strategy
from trading_operator.desired.manifest import canonical_json
from trading_operator.desired.metadata import Owner, child_metadata
from trading_operator.names import strategy_key
from trading_workloads.contract import TRADING_STATE_FILE, StrategyDocument, TradingState


def build_config_map(owner: Owner, name: str, component: str, texts: dict[str, str]) -> V1ConfigMap:
    """Return a ConfigMap with these files."""
    return V1ConfigMap(
        api_version="v1",
        kind="ConfigMap",
        metadata=child_metadata(owner, name, component),
        data=dict(sorted(texts.items())),
    )


def runner_files(strategies: Iterable[StrategyDocument], trading: TradingState) -> dict[str, str]:
    """Return the files from which a runner starts: one per strategy, and the kill switch."""
    files = {strategy_key(document["name"]): canonical_json(document) for document in strategies}
    return {**files, TRADING_STATE_FILE: canonical_json({"trading": trading})}


def strategy_document(strategy: Strategy, revision: str) -> StrategyDocument:
    """Return a strategy as its runner gets it: the spec as it stands in the object."""
    return {
        "name": strategy.metadata.name,
        "uid": strategy.metadata.uid,
        "generation": strategy.metadata.generation,
        "revision": revision,
        "spec": strategy.spec.model_dump(mode="json", by_alias=True, exclude_unset=True),
    }
