from typing import Any

from trading_operator.ownership import claimed, holders_of_replicas

Entry = dict[str, Any]


def entry(manager: str, operation: str, fields: Entry, subresource: str = "") -> Entry:
    found = {"manager": manager, "operation": operation, "fieldsV1": fields}
    return {**found, "subresource": subresource} if subresource else found


OURS = entry("trading-operator", "Apply", {"f:spec": {"f:replicas": {}, "f:template": {"f:a": {}, ".": {}}}})


def test_holders_are_found_in_whatever_way_they_wrote() -> None:
    scaler = entry("kube-controller-manager", "Update", {"f:spec": {"f:replicas": {}}}, "scale")
    other = entry("somebody", "Update", {"f:metadata": {}})
    assert holders_of_replicas([OURS, scaler, other]) == {"trading-operator", "kube-controller-manager"}


def test_what_we_apply_is_taken_from_who_restored_it_and_the_rest_stays() -> None:
    velero = entry("velero", "Update", {"f:spec": {"f:replicas": {}, "f:template": {"f:a": {}, ".": {}, "f:b": {}}}})
    found = claimed([velero, OURS])
    assert found == [entry("velero", "Update", {"f:spec": {"f:template": {"f:b": {}}}}), OURS]


def test_manager_that_held_nothing_else_goes() -> None:
    assert claimed([entry("velero", "Update", {"f:spec": {"f:replicas": {}}}), OURS]) == [OURS]


def test_autoscaler_keeps_what_it_holds() -> None:
    assert claimed([entry("scaler", "Update", {"f:spec": {"f:replicas": {}}}, "scale"), OURS]) is None


def test_nothing_is_claimed_where_nobody_else_holds_any_of_it_or_we_applied_nothing() -> None:
    other = entry("somebody", "Update", {"f:metadata": {"f:annotations": {"f:theirs": {}}}})
    assert claimed([OURS, other]) is None
    assert claimed([other]) is None
