from typing import Any

import pytest

from tests.unit.operator.factories import CATALOG, make_strategy, make_system, strategy_body, system_body
from trading_operator.acceptance import Acceptance, accept_system, parse_strategy, parse_system
from trading_operator.errors import InvalidSpecError, UserError


def fault_of(**spec: Any) -> UserError:
    with pytest.raises(UserError) as caught:
        Acceptance(CATALOG).accept_strategy(make_strategy(**spec), make_system())
    return caught.value


def test_sound_strategy_has_a_revision_and_a_warm_up() -> None:
    accepted = Acceptance(CATALOG).accept_strategy(make_strategy(), make_system())
    assert len(accepted.revision) == 10
    assert accepted.resolved.warmup_bars == 21
    assert accepted.unsupported == ()


def test_revision_changes_with_logic_and_image_and_not_with_hot_fields() -> None:
    def revision(catalog: Any = CATALOG, **spec: Any) -> str:
        return Acceptance(catalog).accept_strategy(make_strategy(**spec), make_system()).revision

    assert revision() == revision(state="Paused") == revision(signals={"cooldownBars": 5})
    assert revision() != revision(logic={"rules": {"enterLong": "close > 1"}})
    assert revision() != revision(universe={"symbols": ["AAPL"]})


@pytest.mark.parametrize(
    ("spec", "reason", "words"),
    [
        (
            {"logic": {"rules": {"enterLong": "close > smaa(close, 3)"}}},
            "InvalidRules",
            'Strategy "alpha": spec.logic.rules.enterLong, column 9: unknown function "smaa"; did you mean "sma"?',
        ),
        ({"data": {"source": "vendor"}}, "SourceNotFound", 'spec.data.source: found "vendor", expected one of sample'),
        ({"data": {"source": "sample", "timeframe": "1h"}}, "SourceNotFound", "found 1h, expected 1d"),
        ({"mode": "Live"}, "Unsupported", "spec.mode is not in release"),
    ],
    ids=["rules", "source", "timeframe", "live"],
)
def test_fault_says_where_what_and_what_was_expected(spec: dict[str, Any], reason: str, words: str) -> None:
    fault = fault_of(**spec)
    assert fault.reason == reason
    assert words in fault.message


def test_missing_system_is_a_fault_that_names_it() -> None:
    with pytest.raises(UserError, match='found "desk", expected a TradingSystem of this namespace'):
        Acceptance(CATALOG).accept_strategy(make_strategy(), None)


@pytest.mark.parametrize("name", ["a.b", "a" * 64, "a\n"])
def test_name_that_cannot_be_a_label_is_a_fault(name: str) -> None:
    with pytest.raises(UserError, match=r"metadata\.name: found"):
        Acceptance(CATALOG).accept_strategy(make_strategy(name), make_system())


def test_answer_is_remembered_until_the_generation_changes() -> None:
    acceptance = Acceptance(CATALOG)
    first = acceptance.accept_strategy(make_strategy(), make_system()).resolved
    assert acceptance.accept_strategy(make_strategy(), make_system()).resolved is first
    newer = parse_strategy(strategy_body(generation=2))
    assert acceptance.accept_strategy(newer, make_system()).resolved is not first


def test_external_redis_keeps_a_system_from_running() -> None:
    with pytest.raises(UserError, match=r"spec\.redis\.external is not in release"):
        accept_system(make_system(redis={"external": {"host": "redis.example"}}))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"placement": "Elsewhere"}, 'spec.placement: found "Elsewhere"'),
        ({"universe": {}}, "spec.universe.symbols: found nothing, expected a value"),
        ({"universe": {"symbols": ["AAPL", 7]}}, "spec.universe.symbols[1]: found 7"),
        ({"extra": 1}, "spec.extra: found an unknown field, expected one of systemRef, state"),
        ({"system_ref": {"name": "desk"}}, "spec.system_ref: found an unknown field"),
        ({"systemRef": "desk"}, 'spec.systemRef: found "desk"'),
    ],
    ids=["enum", "missing", "item", "unknown", "name-in-our-code", "type"],
)
def test_object_that_no_schema_would_accept_is_told_path_by_path(spec: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse_strategy(strategy_body(**spec))
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        ("ZZZZ", 'found "ZZZZ", expected an exchange calendar\'s code, such as XNYS'),
        ("nysee", 'found "nysee", expected an exchange calendar\'s code, such as XNYS, perhaps "NYSE"'),
    ],
    ids=["unlike-any", "near"],
)
def test_calendar_that_no_exchange_has_is_told_wherever_it_stands(calendar: str, words: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse_strategy(strategy_body(universe={"symbols": ["AAPL"], "calendar": calendar}))
    assert caught.value.message == f'Strategy "alpha": spec.universe.calendar: {words}'
    sources = [{"name": "sample", "calendar": calendar, "replay": {}}]
    with pytest.raises(InvalidSpecError) as caught:
        parse_system(system_body(services={"data": {"sources": sources}}, maintenance={"calendar": calendar}))
    assert f"spec.services.data.sources[0].calendar: {words}" in caught.value.message
    assert f"spec.maintenance.calendar: {words}" in caught.value.message


@pytest.mark.parametrize("calendar", ["24/7", "NASDAQ", "XTKS"])
def test_calendars_have_codes_and_aliases(calendar: str) -> None:
    assert parse_system(system_body(maintenance={"calendar": calendar})).spec.maintenance.calendar == calendar


CROSS = {"movingAverageCross": {"fast": 50, "slow": 20}}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"logic": {}}, "spec.logic: expected exactly one of rules, builtin, model, code"),
        ({"logic": {"builtin": CROSS}}, "spec.logic.builtin.movingAverageCross: expected fast < slow"),
        ({"logic": {"rules": {"exitLong": "close > 1"}}}, "spec.logic.rules: expected at least one of enterLong"),
        ({"logic": {"code": {"image": f"a@sha256:{'0' * 64}"}}}, "spec: expected placement Dedicated for logic.code"),
        ({"universe": {"symbols": ["A", "B", "A"]}}, 'spec.universe.symbols[2]: found "A" again, expected each once'),
    ],
    ids=["union", "order", "either", "placement", "set"],
)
def test_rules_of_the_definition_hold_for_objects_that_are_older(spec: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse_strategy(strategy_body(**spec))
    assert words in caught.value.message


def test_rules_of_the_definition_hold_inside_of_lists() -> None:
    sources = [{"name": "one", "replay": {}, "csv": {}}, {"name": "one", "replay": {}}]
    with pytest.raises(InvalidSpecError) as caught:
        parse_system(system_body(services={"data": {"sources": sources}}))
    assert 'spec.services.data.sources[1]: found "one" again' in caught.value.message
    assert "spec.services.data.sources[0]: expected exactly one of replay, csv, http, ccxt" in caught.value.message


@pytest.mark.parametrize("replicas", ["2", 2.5, True])
def test_value_of_another_type_is_not_converted(replicas: object) -> None:
    with pytest.raises(InvalidSpecError, match=r"spec\.services\.signal\.replicas: found"):
        parse_system(system_body(services={"signal": {"replicas": replicas}}))


def test_many_mistakes_are_cut_short() -> None:
    with pytest.raises(InvalidSpecError, match="and 15 more"):
        parse_system(system_body(**{f"wrong{number}": 1 for number in range(20)}))
