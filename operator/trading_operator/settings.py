"""The environment of the operator, read once into frozen settings."""

import json
import math
import re
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from trading_operator.api.base import NAME_PATTERN
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
_SHOWN: Final = 80


class _Form(NamedTuple):
    """How a text is written."""

    pattern: str
    expected: str


_NAMESPACE: Final = _Form(NAME_PATTERN, "a namespace: lower case letters, digits and dashes, at most 63")
_OBJECT_NAME: Final = _Form(
    r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
    "a name: lower case letters, digits, dashes and dots, at most 253",
)
_IDENTITY: Final = _Form(r"[!-~]{1,253}", "at most 253 letters, digits and signs, without blanks")

_LABEL_VALUE: Final = r"([A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)?"
_LABEL: Final = r"([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?"
_SET: Final = rf"\(\s*{_LABEL_VALUE}(\s*,\s*{_LABEL_VALUE})*\s*\)"
_REQUIREMENT: Final = (
    rf"(!\s*{_LABEL}|{_LABEL}(\s*(==?|!=)\s*{_LABEL_VALUE}|\s+(not)?in\s*{_SET}|\s*[<>]\s*[0-9]{{1,18}})?)"
)
_SELECTOR: Final = _Form(
    rf"{_REQUIREMENT}(\s*,\s*{_REQUIREMENT})*", "a label selector such as shard=a or shard in (a, b), !paused"
)


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

    Raises SettingsError, naming each variable that cannot be used, what was found and what was expected.
    """
    found = _Environment(environment)
    settings = Settings(
        namespaces=found.names(NAMESPACES_VARIABLE),
        catalog=Catalog(
            workload=environment.get(WORKLOAD_IMAGE_VARIABLE) or WORKLOAD_IMAGE,
            redis=environment.get(REDIS_IMAGE_VARIABLE) or REDIS_IMAGE,
        ),
        port=found.whole_number(PORT_VARIABLE, 8080, smallest=0, largest=65535),
        workers=found.whole_number(WORKERS_VARIABLE, 16, smallest=1, largest=1000),
        status_seconds=found.number(STATUS_SECONDS_VARIABLE, 5.0, smallest=0.1, largest=3600),
        resync_seconds=found.number(RESYNC_SECONDS_VARIABLE, 600.0, smallest=1, largest=7 * 86400),
        selector=found.text(SELECTOR_VARIABLE, "", _SELECTOR),
        lease_namespace=found.text(LEASE_NAMESPACE_VARIABLE, "", _NAMESPACE),
        lease_name=found.text(LEASE_NAME_VARIABLE, LEASE_NAME, _OBJECT_NAME),
        identity=found.text(IDENTITY_VARIABLE, new_identity(), _IDENTITY),
        log_level=found.word(LOG_LEVEL_VARIABLE, "Info", _LEVELS).upper(),
    )
    if found.mistakes:
        raise SettingsError("; ".join(found.mistakes))
    return settings


@dataclass(frozen=True, slots=True)
class _Environment:
    """Variables, read one by one; where one cannot be used, the mistake is kept and the reading goes on."""

    variables: Mapping[str, str]
    mistakes: list[str] = field(default_factory=list)

    def text(self, variable: str, default: str, form: _Form) -> str:
        found = self._found(variable)
        if found and not re.fullmatch(form.pattern, found):
            self._mistake(variable, found, form.expected)
        return found or default

    def names(self, variable: str) -> tuple[str, ...]:
        names = [name.strip() for name in self._found(variable).split(",")] if self._found(variable) else []
        for place, name in enumerate(names):
            if not re.fullmatch(_NAMESPACE.pattern, name):
                self._mistake(variable, name, _NAMESPACE.expected)
            elif name in names[:place]:
                self._mistake(variable, name, "each namespace once")
        return tuple(names)

    def whole_number(self, variable: str, default: int, smallest: int, largest: int) -> int:
        found = self._found(variable) or str(default)
        if re.fullmatch("[0-9]{1,9}", found) and smallest <= int(found) <= largest:
            return int(found)
        self._mistake(variable, found, f"a whole number from {smallest} to {largest}")
        return default

    def number(self, variable: str, default: float, smallest: float, largest: float) -> float:
        found = self._found(variable) or str(default)
        try:
            number = float(found)
        except ValueError:
            number = math.nan
        if smallest <= number <= largest:
            return number
        self._mistake(variable, found, f"a number from {smallest:g} to {largest:g}")
        return default

    def word(self, variable: str, default: str, words: Sequence[str]) -> str:
        found = self._found(variable) or default
        if found.capitalize() not in words:
            self._mistake(variable, found, f"one of {', '.join(words)}")
        return found

    def _found(self, variable: str) -> str:
        return self.variables.get(variable, "").strip()

    def _mistake(self, variable: str, found: str, expected: str) -> None:
        shown = found if len(found) <= _SHOWN else f"{found[:_SHOWN]}…"
        self.mistakes.append(f"{variable}: found {json.dumps(shown, ensure_ascii=False)}, expected {expected}")
