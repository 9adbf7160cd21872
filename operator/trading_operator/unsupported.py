"""Which fields are set and have no effect in this release: named by a condition, never silently ignored."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from trading_operator.api.base import fields_that_differ
from trading_operator.api.resources import Resources
from trading_operator.api.strategy import StrategyData, StrategySpec, Universe
from trading_operator.api.tradingsystem import TradingSystemSpec
from trading_operator.defaults import REPLICAS_AT_MOST

_SYSTEM_SUPPORTED: Final = (
    "images",
    "trading.state",
    "redis.managed",
    "services.data.enabled",
    "services.data.replicas",
    "services.data.resources",
    "services.data.logLevel",
    "services.data.sources",
    "services.signal.enabled",
    "services.signal.replicas",
    "services.signal.resources",
    "services.signal.logLevel",
)
_SYSTEM_DEFAULTS: Final = TradingSystemSpec()
_PROMISED: Final[Mapping[str, Callable[[TradingSystemSpec], bool]]] = {
    "services.gateway.enabled": lambda spec: spec.services.gateway.enabled,
    "services.ml.enabled": lambda spec: spec.services.ml.enabled,
    "services.risk.enabled": lambda spec: spec.services.risk.enabled,
    "monitoring.mode": lambda spec: spec.monitoring.mode == "Standalone",
    "security.networkPolicy": lambda spec: spec.security.network_policy == "Enforced",
    "security.auditLog": lambda spec: spec.security.audit_log == "Enabled",
}
"""Defaults that promise what this release does not have; a field that turns one off is not named."""
_SYSTEM_REFUSED: Final = ("redis.external", "redis.managed.topology")
"""Without these the system would not be what was asked for at all."""

_STRATEGY_SUPPORTED: Final = (
    "systemRef",
    "state",
    "mode",
    "placement",
    "universe.symbols",
    "data.source",
    "data.timeframe",
    "warmup",
    "parameters",
    "logic.rules",
    "logic.builtin.movingAverageCross",
    "signals",
    "sizing.maxWeight",
    "resources",
)
_STRATEGY_REFUSED: Final = ("mode", "logic.model", "logic.code", "logic.builtin")


def unsupported_system(spec: TradingSystemSpec) -> tuple[str, ...]:
    """Return the path of each field of a system that is set and has no effect."""
    return tuple(f"spec.{path}" for path in _system_paths(spec))


def unsupported_strategy(spec: StrategySpec) -> tuple[str, ...]:
    """Return the path of each field of a strategy that is set and has no effect."""
    return tuple(f"spec.{path}" for path in _strategy_paths(spec))


def refused_system(paths: tuple[str, ...]) -> str | None:
    """Return the first of the paths without which a system cannot run, if any."""
    return _first(paths, _SYSTEM_REFUSED)


def refused_strategy(paths: tuple[str, ...]) -> str | None:
    """Return the first of the paths without which a strategy cannot run, if any."""
    return _first(paths, _STRATEGY_REFUSED)


def _system_paths(spec: TradingSystemSpec) -> Iterator[str]:
    for path in fields_that_differ(spec, _SYSTEM_DEFAULTS):
        if not _is_below(path, _SYSTEM_SUPPORTED) and not _asks_for_nothing(spec, path):
            yield path
    if spec.redis.managed and spec.redis.managed.topology != "Single":
        yield "redis.managed.topology"
    for name in ("data", "signal"):
        if (getattr(spec.services, name).replicas or 0) > REPLICAS_AT_MOST:
            yield f"services.{name}.replicas"
    for place, source in enumerate(spec.services.data.sources):
        for kind in ("csv", "http", "ccxt"):
            if getattr(source, kind) is not None:
                yield f"services.data.sources[{place}].{kind}"
    yield from (path for path, promises in _PROMISED.items() if promises(spec))


def _strategy_paths(spec: StrategySpec) -> Iterator[str]:
    if spec.mode == "Live":
        yield "mode"
    baseline = StrategySpec(
        system_ref=spec.system_ref,
        universe=Universe(symbols=spec.universe.symbols),
        data=StrategyData(source=spec.data.source),
        logic=spec.logic,
    )
    for path in fields_that_differ(spec, baseline):
        if not _is_below(path, _STRATEGY_SUPPORTED):
            yield path
    if spec.placement == "Shared" and spec.resources != Resources():
        yield "resources"
    for name in ("model", "code"):
        if getattr(spec.logic, name) is not None:
            yield f"logic.{name}"
    if spec.logic.builtin is not None:
        for name, field in type(spec.logic.builtin).model_fields.items():
            if name != "moving_average_cross" and getattr(spec.logic.builtin, name) is not None:
                yield f"logic.builtin.{field.alias or name}"


def _asks_for_nothing(spec: TradingSystemSpec, path: str) -> bool:
    """Tell whether a field turns off what this release does not have anyway."""
    return path in _PROMISED and not (path == "monitoring.mode" and spec.monitoring.mode != "Disabled")


def _is_below(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(f"{root}.") for root in roots)


def _first(paths: tuple[str, ...], refused: tuple[str, ...]) -> str | None:
    return next((path for path in paths if _is_below(path.removeprefix("spec."), refused)), None)
