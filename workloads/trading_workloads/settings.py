"""The environment of a pod, read once into frozen settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trading_workloads import contract
from trading_workloads.contract import SystemKeys


class SettingsError(ValueError):
    """A variable of the environment is missing or has a value that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What every workload is told by its environment."""

    namespace: str
    system: str
    holder: str
    redis_url: str
    strategy: str | None = None
    log_level: str = "INFO"
    config_directory: Path = Path(contract.CONFIG_DIRECTORY)
    token_file: Path = Path(contract.TOKEN_FILE)
    port: int = contract.HTTP_PORT
    lease_seconds: float = contract.LEASE_SECONDS

    @property
    def keys(self) -> SystemKeys:
        """The Redis keys of the system."""
        return SystemKeys(self.namespace, self.system)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that an environment asks for.

    Raises SettingsError, naming the variable, what was found and what was expected.
    """
    return Settings(
        namespace=_required(environment, contract.NAMESPACE_VARIABLE, "the namespace of the TradingSystem"),
        system=_required(environment, contract.SYSTEM_VARIABLE, "the name of the TradingSystem"),
        holder=_required(environment, contract.HOLDER_VARIABLE, "the name of the pod"),
        redis_url=environment.get(contract.REDIS_URL_VARIABLE)
        or f"redis://{contract.REDIS_SERVICE}:{contract.REDIS_PORT}/0",
        strategy=environment.get(contract.STRATEGY_VARIABLE) or None,
        log_level=_log_level(environment.get(contract.LOG_LEVEL_VARIABLE) or "Info"),
        config_directory=Path(environment.get(contract.CONFIG_DIRECTORY_VARIABLE) or contract.CONFIG_DIRECTORY),
        token_file=Path(environment.get(contract.TOKEN_FILE_VARIABLE) or contract.TOKEN_FILE),
        port=int(_number(environment, contract.PORT_VARIABLE, contract.HTTP_PORT)),
        lease_seconds=_number(environment, contract.LEASE_SECONDS_VARIABLE, contract.LEASE_SECONDS),
    )


def read_settings_or_exit(environment: Mapping[str, str]) -> Settings:
    """Return the settings, or end the process with a sentence about what the environment lacks."""
    try:
        return read_settings(environment)
    except SettingsError as error:
        raise SystemExit(str(error)) from None


def _required(environment: Mapping[str, str], variable: str, expected: str) -> str:
    if not (found := environment.get(variable)):
        raise SettingsError(f"{variable}: found nothing, expected {expected}")
    return found


def _log_level(found: str) -> str:
    level = found.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise SettingsError(
            f'{contract.LOG_LEVEL_VARIABLE}: found "{found}", expected one of Debug, Info, Warning, Error'
        )
    return level


def _number(environment: Mapping[str, str], variable: str, default: float) -> float:
    text = environment.get(variable) or str(default)
    try:
        number = float(text)
    except ValueError as error:
        raise SettingsError(f'{variable}: found "{text}", expected a number') from error
    if number <= 0:
        raise SettingsError(f'{variable}: found "{text}", expected a number greater than 0')
    return number
