from datetime import timedelta
from decimal import Decimal
from math import isfinite

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trading_operator.api.base import DECIMAL_PATTERN, fields_that_differ, parse_decimal, parse_duration
from trading_operator.api.strategy import StrategySpec
from trading_operator.api.tradingsystem import TradingSystemSpec


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.1", "0.1"), ("8%", "0.08"), ("1e-6", "0.000001"), ("-2", "-2"), (7, "7"), ("12.5%", "0.125")],
)
def test_decimal_text_is_read_as_written(text: str | int, value: str) -> None:
    assert parse_decimal(text) == Decimal(value)


@given(st.from_regex(DECIMAL_PATTERN, fullmatch=True))
@example("999999999999999.999999999999999e99")
def test_decimal_of_the_schema_fits_a_float(text: str) -> None:
    assert isfinite(float(parse_decimal(text)))


@pytest.mark.parametrize("text", ["", "eight", "1.", "0x10", "1,5", "NaN", "inf"])
def test_decimal_text_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a decimal"):
        parse_decimal(text)


@pytest.mark.parametrize(("text", "seconds"), [("15s", 15), ("5m", 300), ("1h", 3600), ("2d", 172800)])
def test_duration_text_is_read_in_its_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "0s", "-1h", "1w", "1h30m"])
def test_duration_text_without_one_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(text)


def test_empty_system_differs_in_nothing_from_the_defaults() -> None:
    assert list(fields_that_differ(TradingSystemSpec.model_validate({}), TradingSystemSpec())) == []


def test_differing_fields_are_named_by_their_document_paths() -> None:
    spec = TradingSystemSpec.model_validate(
        {"suspend": True, "ingress": {"host": "a.example", "className": "nginx"}, "redis": {"managed": {"storage": {}}}}
    )
    assert list(fields_that_differ(spec, TradingSystemSpec())) == ["suspend", "redis.managed.storage", "ingress"]


def test_a_value_written_out_as_its_default_differs_in_nothing() -> None:
    spec = TradingSystemSpec.model_validate(
        {"monitoring": {"mode": "Standalone"}, "services": {"ml": {"enabled": True}}}
    )
    assert list(fields_that_differ(spec, TradingSystemSpec())) == []


def test_spec_keeps_values_as_they_were_written() -> None:
    document = {
        "systemRef": {"name": "s"},
        "universe": {"symbols": ["AAPL"]},
        "data": {"source": "sample"},
        "parameters": {"k": {"value": "0.50"}},
        "logic": {"rules": {"enterLong": "close > k"}},
        "signals": {"ttl": "60m", "minStrength": "10%"},
    }
    spec = StrategySpec.model_validate(document)
    assert spec.model_dump(by_alias=True, exclude_unset=True) == document
