import pytest

from trading_operator.errors import SettingsError
from trading_operator.settings import read_settings


def test_empty_environment_works_in_every_namespace() -> None:
    settings = read_settings({})
    assert settings.scopes == (None,)
    assert settings.port == 8080


def test_namespaces_are_a_list_without_blanks_and_repeats() -> None:
    assert read_settings({"TRADING_OPERATOR_NAMESPACES": " a, b,,a "}).scopes == ("a", "b")


def test_images_come_from_the_chart() -> None:
    environment = {"TRADING_OPERATOR_WORKLOAD_IMAGE": "w:1", "TRADING_OPERATOR_REDIS_IMAGE": "r:1"}
    catalog = read_settings(environment).catalog
    assert (catalog.workload, catalog.redis) == ("w:1", "r:1")


@pytest.mark.parametrize(
    ("variable", "found", "told"),
    [
        ("LOG_LEVEL", "Loud", 'LOG_LEVEL: found "Loud", expected one of Debug, Info, Warning, Error'),
        ("TRADING_OPERATOR_WORKERS", "0", 'TRADING_OPERATOR_WORKERS: found "0", expected a whole number from 1'),
        ("TRADING_OPERATOR_PORT", "99999", 'found "99999", expected a whole number from 0 to 65535'),
        ("TRADING_OPERATOR_PORT", "1.5", 'found "1.5", expected a whole number'),
        ("TRADING_OPERATOR_STATUS_SECONDS", "inf", "expected at least 0.1"),
        ("TRADING_OPERATOR_STATUS_SECONDS", "soon", 'found "soon", expected a number'),
        ("TRADING_OPERATOR_RESYNC_SECONDS", "nan", "expected at least 1"),
    ],
)
def test_variable_that_cannot_be_used_is_named(variable: str, found: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        read_settings({variable: found})
