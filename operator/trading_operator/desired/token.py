"""The token of the calls between the operator and the services of a system."""

import base64

from kubernetes.client import V1Secret

from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.desired.metadata import child_metadata
from trading_operator.names import TOKEN_KEY, TOKEN_SECRET
from trading_workloads.contract import SIGNAL_SERVICE


def build_token(system: TradingSystem, token: str) -> V1Secret:
    """Return the Secret of a token; without data when there is no token to write."""
    data: dict[str, bytes | str] | None = None
    if token:
        data = {TOKEN_KEY: base64.b64encode(token.encode()).decode()}
    return V1Secret(
        api_version="v1",
        kind="Secret",
        type="Opaque",
        metadata=child_metadata(system, TOKEN_SECRET, SIGNAL_SERVICE),
        data=data,
    )
