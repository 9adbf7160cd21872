from tests.unit.operator.factories import strategy_body, system_body
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import ObjectKey

SYSTEM = ObjectKey("TradingSystem", "trading", "desk")


def test_store_keeps_the_newest_of_what_has_a_name() -> None:
    store = ObjectStore()
    newer, older, reborn = system_body(), system_body(), system_body()
    newer["metadata"]["resourceVersion"] = "10"
    older["metadata"]["resourceVersion"] = "9"
    reborn["metadata"] |= {"resourceVersion": "12", "uid": "another"}
    assert store.put(newer)
    assert not store.put(older)
    assert store.put(reborn)
    assert not store.put(newer), "of the one before"
    store.remove(newer)
    store.forget(newer)
    assert store.get(SYSTEM) is reborn


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


def test_object_that_could_not_be_found_is_taken_in_again_as_it_is() -> None:
    store = ObjectStore()
    store.put(system_body())
    store.forget(system_body())
    store.forget(system_body())
    assert store.get(SYSTEM) is None
    assert store.put(system_body())
