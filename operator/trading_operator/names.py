"""Names of children. Services have the names that users and workloads expect, so there is one system in a namespace."""

from typing import Final

TOKEN_SECRET: Final = "trading-internal"  # noqa: S105 - the name of a Secret, not a secret
"""Secret with the token of the calls between the operator and the services of a system."""
TOKEN_KEY: Final = "token"  # noqa: S105 - a key inside a Secret, not a secret
RUNNER_ACCOUNT: Final = "strategy-runner"
"""Service account of every Dedicated strategy's pod."""
LEASE_NAME: Final = "trading-operator"
"""Lease of the replica that writes."""
REDIS_COMPONENT: Final = "redis"
RUNNER_COMPONENT: Final = "strategy"


def runner_name(strategy: str) -> str:
    """Return the name of the Deployment and the ConfigMap of a Dedicated strategy."""
    return f"strategy-{strategy}"


def strategy_key(strategy: str) -> str:
    """Return the key of a strategy's document in a ConfigMap."""
    return f"{strategy}.json"
