"""Which children an owner may remove when nothing asks for them."""

from typing import Any

import pytest

from tests.unit.operator.factories import as_seen, children, make_system
from trading_operator import labels
from trading_operator.change import Owner, is_prunable
from trading_operator.observed import ObjectKey, trim_child

SYSTEM = make_system()
OWNER = Owner(ObjectKey("TradingSystem", "trading", "desk"), SYSTEM.metadata.uid, "desk")


def service(**metadata: Any) -> Any:
    found = as_seen(children(SYSTEM)["Service/redis-service"])
    found["metadata"] |= metadata
    return trim_child(found)


@pytest.mark.parametrize(
    ("child", "goes"),
    [
        (service(), True),
        (service(ownerReferences=[]), True),
        (service(ownerReferences=[], annotations={}), False),
        (service(ownerReferences=[], labels={labels.SYSTEM: "other"}), False),
        (service(ownerReferences=[{"controller": True, "uid": "x", "kind": "Widget", "name": "y"}]), False),
        (service(deletionTimestamp="2026-01-01T00:00:00Z"), False),
    ],
    ids=["ours", "restored", "not-made-by-us", "of-another-system", "taken", "going"],
)
def test_child_goes_only_if_it_is_ours_and_was_made_by_us(child: Any, *, goes: bool) -> None:
    assert is_prunable(OWNER, child) is goes
