"""The bound on requests tells a hot loop from patience."""

from collections import Counter

from tests.faults.bound import Bound


def test_hot_loop_is_beyond_the_bound_and_patience_is_not() -> None:
    assert Bound().excess(Counter({"watch": 500}))
    assert Bound().excess(Counter({"patch": 2000}))
    assert not Bound().excess(Counter({"watch": 45, "list": 45, "patch": 300}))
