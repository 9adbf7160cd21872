from tests.unit.operator.factories import as_seen, children, make_system, strategy_body, system_body
from trading_operator import labels
from trading_operator.kinds import CONFIG_MAP
from trading_operator.observed import (
    ChildCache,
    ChildKey,
    Document,
    ObjectKey,
    ObjectStore,
    child_key,
    owner_key,
    system_ref,
    trim_child,
)

SYSTEM = ObjectKey("TradingSystem", "trading", "desk")


def config_map(version: int = 1) -> Document:
    return as_seen(children(make_system())["ConfigMap/signal-service"], version=version)


def test_child_is_trimmed_to_what_is_compared_and_reported() -> None:
    document = config_map()
    document["metadata"]["managedFields"] = [{"manager": "x"}]
    document["status"] = {"readyReplicas": 1, "collisionCount": 3}
    trimmed = trim_child(document)
    assert "managedFields" not in trimmed["metadata"]
    assert set(trimmed["metadata"]["annotations"]) == {labels.APPLIED}
    assert trimmed["status"] == {"readyReplicas": 1}
    assert trimmed["data"] == document["data"]


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


def test_cache_keeps_the_newer_version() -> None:
    cache = ChildCache()
    assert cache.put(config_map(version=10))
    assert not cache.put(config_map(version=9))
    assert cache.put(config_map(version=11))
    assert len(cache) == 1


def test_cache_finds_children_by_their_owner_and_forgets_them() -> None:
    cache = ChildCache()
    cache.put(config_map())
    key = ChildKey(CONFIG_MAP, "trading", "signal-service")
    assert set(cache.children_of(SYSTEM)) == {key}
    another = config_map()
    another["metadata"]["uid"] = "another object of the same name"
    cache.remove(another)
    assert cache.get(key)
    cache.remove(config_map())
    assert cache.children_of(SYSTEM) == {}
    assert child_key(config_map()) == key


def test_store_keeps_the_newer_version_of_an_object_and_a_new_object_in_any_case() -> None:
    store = ObjectStore()
    newer, older, reborn = system_body(), system_body(), system_body()
    newer["metadata"]["resourceVersion"] = "10"
    older["metadata"]["resourceVersion"] = "9"
    reborn["metadata"] |= {"resourceVersion": "2", "uid": "another"}
    assert store.put(newer)
    assert not store.put(older)
    assert store.put(reborn)
    store.remove(newer)
    assert store.get(SYSTEM) is reborn


def test_late_answer_does_not_bring_back_a_child_that_is_gone() -> None:
    cache = ChildCache()
    cache.put(config_map(version=10))
    cache.remove(config_map(version=11))
    assert not cache.put(config_map(version=10))
    assert len(cache) == 0


def test_child_that_got_its_label_back_is_seen_again() -> None:
    cache = ChildCache()
    cache.put(config_map(version=10))
    cache.remove(config_map(version=11))
    assert cache.put(config_map(version=12))


def test_late_listing_does_not_bring_back_an_object_that_is_gone() -> None:
    store = ObjectStore()
    gone = system_body()
    gone["metadata"]["resourceVersion"] = "10"
    store.remove(gone)
    assert not store.put(gone)
    assert store.get(SYSTEM) is None


def test_systems_come_oldest_first() -> None:
    store = ObjectStore()
    for name, created in (("b", "2026-01-02T00:00:00Z"), ("a", "2026-01-03T00:00:00Z"), ("c", "2026-01-02T00:00:00Z")):
        body = system_body(name)
        body["metadata"]["creationTimestamp"] = created
        store.put(body)
    assert [body["metadata"]["name"] for body in store.systems("trading")] == ["b", "c", "a"]


def test_strategies_are_those_that_name_the_system() -> None:
    store = ObjectStore()
    store.put(strategy_body("beta"))
    store.put(strategy_body("alpha"))
    store.put(strategy_body("else", systemRef={"name": "other"}))
    assert [body["metadata"]["name"] for body in store.strategies("trading", "desk")] == ["alpha", "beta"]


def test_object_that_is_hardly_one_names_no_system() -> None:
    for spec in (None, "text", {}, {"systemRef": "desk"}, {"systemRef": {"name": 7}}):
        assert system_ref({"spec": spec}) == ""
