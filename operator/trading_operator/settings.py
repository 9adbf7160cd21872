"""The environment of the operator, read once into frozen settings."""

import math
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from trading_operator.catalog import REDIS_IMAGE, WORKLOAD_IMAGE, Catalog
from trading_operator.errors import SettingsError
from trading_operator.names import LEASE_NAME

NAMESPACES_VARIABLE: Final = "TRADING_OPERATOR_NAMESPACES"
"""Namespaces to work in, separated by commas. Empty: all of them."""
WORKLOAD_IMAGE_VARIABLE: Final = "TRADING_OPERATOR_WORKLOAD_IMAGE"
REDIS_IMAGE_VARIABLE: Final = "TRADING_OPERATOR_REDIS_IMAGE"
PORT_VARIABLE: Final = "TRADING_OPERATOR_PORT"
"""Port of /metrics, /livez and /readyz; 0 for any that is free."""
WORKERS_VARIABLE: Final = "TRADING_OPERATOR_WORKERS"
"""Passes at the same time, on different objects."""
STATUS_SECONDS_VARIABLE: Final = "TRADING_OPERATOR_STATUS_SECONDS"
"""How often each signal service is asked."""
RESYNC_SECONDS_VARIABLE: Final = "TRADING_OPERATOR_RESYNC_SECONDS"
"""How often every object is listed and looked at again."""
SELECTOR_VARIABLE: Final = "TRADING_OPERATOR_SELECTOR"
"""Label selector of the objects to work on, one shard of all of them. Empty: every object."""
LEASE_NAMESPACE_VARIABLE: Final = "TRADING_OPERATOR_LEASE_NAMESPACE"
"""Namespace of the Lease that replicas share. Empty: this operator runs alone, and always writes."""
LEASE_NAME_VARIABLE: Final = "TRADING_OPERATOR_LEASE_NAME"
IDENTITY_VARIABLE: Final = "TRADING_OPERATOR_IDENTITY"
"""Name of this replica in the Lease, of no other; in a pod, the pod's name."""
LOG_LEVEL_VARIABLE: Final = "LOG_LEVEL"

_LEVELS: Final = ("Debug", "Info", "Warning", "Error")


def new_identity() -> str:
    """Return a name that no other replica has."""
    return f"{socket.gethostname()}-{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Settings:
    """How one operator runs."""

    namespaces: tuple[str, ...] = ()
    catalog: Catalog = field(default_factory=Catalog)
    port: int = 8080
    workers: int = 16
    status_seconds: float = 5.0
    resync_seconds: float = 600.0
    log_level: str = "INFO"
    selector: str = ""
    lease_namespace: str = ""
    lease_name: str = LEASE_NAME
    identity: str = field(default_factory=new_identity)

    @property
    def selectors(self) -> dict[str, str]:
        """The query that lists and watches no other objects than ours to work on."""
        return {"labelSelector": self.selector} if self.selector else {}

    @property
    def scopes(self) -> tuple[str | None, ...]:
        """The namespaces to list and watch in; a single None for all of them."""
        return self.namespaces or (None,)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that an environment asks for.

    Raises SettingsError, naming the variable, what was found and what was expected.
    """
    names = environment.get(NAMESPACES_VARIABLE, "").split(",")
    return Settings(
        namespaces=tuple(dict.fromkeys(name.strip() for name in names if name.strip())),
        catalog=Catalog(
            workload=environment.get(WORKLOAD_IMAGE_VARIABLE) or WORKLOAD_IMAGE,
            redis=environment.get(REDIS_IMAGE_VARIABLE) or REDIS_IMAGE,
        ),
        port=_whole_number(environment, PORT_VARIABLE, 8080, smallest=0, largest=65535),
        workers=_whole_number(environment, WORKERS_VARIABLE, 16, smallest=1, largest=1000),
        status_seconds=_number(environment, STATUS_SECONDS_VARIABLE, 5.0, smallest=0.1),
        resync_seconds=_number(environment, RESYNC_SECONDS_VARIABLE, 600.0, smallest=1),
        selector=environment.get(SELECTOR_VARIABLE, "").strip(),
        lease_namespace=environment.get(LEASE_NAMESPACE_VARIABLE, "").strip(),
        lease_name=environment.get(LEASE_NAME_VARIABLE) or LEASE_NAME,
        identity=environment.get(IDENTITY_VARIABLE) or new_identity(),
        log_level=_log_level(environment.get(LOG_LEVEL_VARIABLE) or "Info"),
    )


def _number(environment: Mapping[str, str], variable: str, default: float, smallest: float) -> float:
    text = environment.get(variable) or str(default)
    try:
        number = float(text)
    except ValueError as error:
        raise SettingsError(f'{variable}: found "{text}", expected a number') from error
    if not (number >= smallest and math.isfinite(number)):
        raise SettingsError(f'{variable}: found "{text}", expected at least {smallest:g}')
    return number


def _whole_number(environment: Mapping[str, str], variable: str, default: int, smallest: int, largest: int) -> int:
    text = environment.get(variable) or str(default)
    if not (text.isdecimal() and smallest <= int(text) <= largest):
        raise SettingsError(f'{variable}: found "{text}", expected a whole number from {smallest} to {largest}')
    return int(text)


def _log_level(found: str) -> str:
    if found.capitalize() not in _LEVELS:
        raise SettingsError(f'{LOG_LEVEL_VARIABLE}: found "{found}", expected one of {", ".join(_LEVELS)}')
    return found.upper()
