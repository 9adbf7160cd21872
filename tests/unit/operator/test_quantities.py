from decimal import Decimal

import pytest

from trading_operator.quantities import parse_quantity, same_amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500m", "0.5"),
        ("1", "1"),
        ("1.5", "1.5"),
        ("128Mi", "134217728"),
        ("1k", "1000"),
        ("1e3", "1000"),
        ("2E", "2e18"),
    ],
)
def test_quantity_is_read(text: str, amount: str) -> None:
    assert parse_quantity(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "a lot", "1 Gi", "1gi", "0x10", "1Gib"])
def test_text_that_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a quantity"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("500m", "0.5", True),
        ("1Gi", "1024Mi", True),
        (1, "1", True),
        ("1Gi", "1G", False),
        ("x", "x", True),
        ("1", None, False),
    ],
)
def test_amounts_are_compared_by_what_they_mean(one: object, other: object, *, same: bool) -> None:
    assert same_amount(one, other) is same
