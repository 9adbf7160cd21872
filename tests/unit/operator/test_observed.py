from tests.unit.operator.factories import as_seen, children, make_system
from trading_operator import labels
from trading_operator.observed import Document, ObjectKey, concerned, deletion_of, owner_key, system_ref, trim_child

SYSTEM = ObjectKey("TradingSystem", "trading", "desk")


def config_map(version: int = 1) -> Document:
    return as_seen(children(make_system())["ConfigMap/signal-service"], version=version)


def test_child_is_trimmed_to_what_is_compared_and_reported() -> None:
    document = config_map()
    document["metadata"]["managedFields"] = [{"manager": "x"}]
    trimmed = trim_child(document)
    assert "managedFields" not in trimmed["metadata"]
    assert set(trimmed["metadata"]["annotations"]) == {labels.APPLIED}
    assert trimmed["data"] == document["data"]


def test_status_is_kept_of_what_makes_pods_alone() -> None:
    status = {"readyReplicas": 1, "collisionCount": 3}
    deployment = as_seen(children(make_system())["Deployment/signal-service"])
    assert trim_child({**deployment, "status": status})["status"] == {"readyReplicas": 1}
    assert trim_child({**config_map(), "status": status})["status"] == {}


def test_owner_is_the_controller_and_after_a_restore_what_the_labels_say() -> None:
    document = config_map()
    assert owner_key(document) == SYSTEM
    document["metadata"]["ownerReferences"] = []
    assert owner_key(document) == SYSTEM
    document["metadata"]["labels"][labels.STRATEGY] = "alpha"
    assert owner_key(document) == ObjectKey("Strategy", "trading", "alpha")


def test_child_of_somebody_else_is_nobodys_here() -> None:
    document = config_map()
    document["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "x", "uid": "1", "controller": True}]
    assert owner_key(document) is None


def test_child_that_somebody_took_still_concerns_whose_it_is_by_its_labels() -> None:
    document = config_map()
    assert concerned(document) == {SYSTEM}
    document["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "x", "uid": "1", "controller": True}]
    assert concerned(document) == {SYSTEM}
    document["metadata"]["labels"] = {}
    assert concerned(document) == set()


def test_finalizers_are_kept_of_what_is_being_deleted_alone() -> None:
    document = config_map()
    document["metadata"]["finalizers"] = ["somebody/guard"]
    assert "finalizers" not in trim_child(document)["metadata"]
    assert deletion_of(trim_child(document)) == ""
    document["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert deletion_of(trim_child(document)) == "is being deleted since 2026-01-01T00:00:00Z and held by somebody/guard"
    document["metadata"]["finalizers"] = []
    assert deletion_of(trim_child(document)) == ""


def test_object_that_is_hardly_one_names_no_system() -> None:
    for spec in (None, "text", {}, {"systemRef": "desk"}, {"systemRef": {"name": 7}}):
        assert system_ref({"spec": spec}) == ""
