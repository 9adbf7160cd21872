"""The revision of a strategy: a hash of whatever changes its signals' meaning."""

import hashlib
import json
from typing import Final

from trading_operator.api.strategy import StrategySpec

REVISION_LENGTH: Final = 10
_FIELDS: Final = {"logic", "universe", "data", "warmup"}


def revision_of(spec: StrategySpec, image: str) -> str:
    """Return ten hex digits that change with the logic, the parameters' values, the universe, the data, the warm-up
    and the image of the workloads, and with nothing else.

    Fields at their defaults are left out, so a field that a later release adds changes no revision. The bounds of
    parameters are left out too: they guard the value and do not enter any signal.
    """
    document = spec.model_dump(mode="json", by_alias=True, include=_FIELDS, exclude_defaults=True)
    document["parameters"] = {name: parameter.value for name, parameter in spec.parameters.items()}
    document["image"] = image
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:REVISION_LENGTH]
