from pathlib import Path

import pytest

from trading_workloads.settings import SettingsError, read_settings, read_settings_or_exit

COMPLETE = {"TRADING_NAMESPACE": "n", "TRADING_SYSTEM": "s", "POD_NAME": "p"}


def test_environment_of_a_pod_needs_three_names() -> None:
    settings = read_settings(COMPLETE)
    assert (settings.redis_url, settings.port, settings.log_level) == ("redis://redis-service:6379/0", 8080, "INFO")
    assert settings.config_directory == Path("/etc/trading")
    assert settings.keys.control() == "{n/s}:control"
    assert settings.strategy is None


@pytest.mark.parametrize("missing", COMPLETE)
def test_missing_name_is_an_error_that_says_which(missing: str) -> None:
    with pytest.raises(SettingsError, match=f"{missing}: found nothing, expected the name"):
        read_settings({name: value for name, value in COMPLETE.items() if name != missing})


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LOG_LEVEL", "Loud"), ("TRADING_HTTP_PORT", "http"), ("TRADING_LEASE_SECONDS", "-1")],
)
def test_value_that_cannot_be_used_is_an_error(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f'{variable}: found "{value}", expected'):
        read_settings(COMPLETE | {variable: value})


def test_log_level_is_read_in_the_words_of_the_resource() -> None:
    assert read_settings(COMPLETE | {"LOG_LEVEL": "Warning"}).log_level == "WARNING"


def test_process_without_its_environment_ends_with_a_sentence() -> None:
    with pytest.raises(SystemExit, match="TRADING_NAMESPACE: found nothing"):
        read_settings_or_exit({})
