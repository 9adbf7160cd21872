import pytest

from trading_operator.errors import SettingsError
from trading_operator.settings import read_settings


def test_empty_environment_works_in_every_namespace() -> None:
    settings = read_settings({})
    assert settings.scopes == (None,)
    assert settings.port == 8080


def test_namespaces_are_a_list() -> None:
    assert read_settings({"TRADING_OPERATOR_NAMESPACES": " a, b,c "}).scopes == ("a", "b", "c")


@pytest.mark.parametrize("namespaces", ["", " "])
def test_no_namespaces_are_all_of_them(namespaces: str) -> None:
    assert read_settings({"TRADING_OPERATOR_NAMESPACES": namespaces}).scopes == (None,)


@pytest.mark.parametrize(
    "selector",
    [
        "shard=a",
        "shard==a",
        "shard != a",
        "shard",
        "!shard",
        "shard=",
        "shard in (a, b), tier notin (x),!paused",
        "example.com/shard=a,size>3",
    ],
)
def test_selector_is_taken_as_it_is(selector: str) -> None:
    assert read_settings({"TRADING_OPERATOR_SELECTOR": selector}).selectors == {"labelSelector": selector}


@pytest.mark.parametrize(
    "selector",
    ["a==b==c", "!!", "!", ",", "a,", "a=b,,c", "=b", "a in b", "a in (b", "a b", "a=b;c", "A/b=c", "/b", "a" * 64],
)
def test_selector_that_is_none_is_told(selector: str) -> None:
    with pytest.raises(SettingsError, match=r"TRADING_OPERATOR_SELECTOR: found .*, expected a label selector such as"):
        read_settings({"TRADING_OPERATOR_SELECTOR": selector})


def test_every_mistake_is_told() -> None:
    wrong = {"TRADING_OPERATOR_NAMESPACES": "A,b,b", "TRADING_OPERATOR_PORT": "70000", "LOG_LEVEL": "Loud"}
    with pytest.raises(SettingsError) as told:
        read_settings(wrong)
    assert [mistake.partition(",")[0] for mistake in str(told.value).split("; ")] == [
        'TRADING_OPERATOR_NAMESPACES: found "A"',
        'TRADING_OPERATOR_NAMESPACES: found "b"',
        'TRADING_OPERATOR_PORT: found "70000"',
        'LOG_LEVEL: found "Loud"',
    ]


def test_images_come_from_the_chart() -> None:
    environment = {"TRADING_OPERATOR_WORKLOAD_IMAGE": "w:1", "TRADING_OPERATOR_REDIS_IMAGE": "r:1"}
    catalog = read_settings(environment).catalog
    assert (catalog.workload, catalog.redis) == ("w:1", "r:1")


@pytest.mark.parametrize(
    ("variable", "found", "told"),
    [
        ("LOG_LEVEL", "Loud", 'found "Loud", expected one of Debug, Info, Warning, Error'),
        ("TRADING_OPERATOR_WORKERS", "0", 'found "0", expected a whole number from 1'),
        ("TRADING_OPERATOR_PORT", "99999", 'found "99999", expected a whole number from 0 to 65535'),
        ("TRADING_OPERATOR_PORT", "1.5", 'found "1.5", expected a whole number'),
        ("TRADING_OPERATOR_PORT", "9" * 5000, '9…", expected a whole number'),
        ("TRADING_OPERATOR_WORKERS", "10000", "expected a whole number from 1 to 1000"),
        ("TRADING_OPERATOR_STATUS_SECONDS", "inf", "expected a number from 0.1 to 3600"),
        ("TRADING_OPERATOR_STATUS_SECONDS", "soon", 'found "soon", expected a number'),
        ("TRADING_OPERATOR_RESYNC_SECONDS", "nan", "expected a number from 1 to 604800"),
        ("TRADING_OPERATOR_RESYNC_SECONDS", "0", "expected a number from 1"),
        ("TRADING_OPERATOR_NAMESPACES", "Trading", 'found "Trading", expected a namespace: lower case letters'),
        ("TRADING_OPERATOR_NAMESPACES", "a b", 'found "a b", expected a namespace'),
        ("TRADING_OPERATOR_NAMESPACES", "a,,b", 'found "", expected a namespace'),
        ("TRADING_OPERATOR_NAMESPACES", "a" * 64, "expected a namespace: .*, at most 63"),
        ("TRADING_OPERATOR_NAMESPACES", "a,b,a", 'found "a", expected each namespace once'),
        ("TRADING_OPERATOR_LEASE_NAMESPACE", "a.b", 'found "a.b", expected a namespace'),
        ("TRADING_OPERATOR_LEASE_NAME", "a..b", 'found "a..b", expected a name'),
        ("TRADING_OPERATOR_LEASE_NAME", "a" * 254, "expected a name: .*, at most 253"),
        ("TRADING_OPERATOR_IDENTITY", "a" * 254, "expected at most 253"),
        ("TRADING_OPERATOR_IDENTITY", "a\nb", "without blanks"),
    ],
)
def test_variable_that_cannot_be_used_is_named(variable: str, found: str, told: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable}: .*{told}"):
        read_settings({variable: found})
