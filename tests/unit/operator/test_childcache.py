from tests.unit.operator.factories import as_seen, children, make_system
from trading_operator.childcache import ChildCache
from trading_operator.kinds import CONFIG_MAP
from trading_operator.observed import ChildKey, Document, ObjectKey, child_key, trim_child, version_of

SYSTEM = ObjectKey("TradingSystem", "trading", "desk")
KEY = ChildKey(CONFIG_MAP, "trading", "signal-service")


def config_map(version: int = 1) -> Document:
    return as_seen(children(make_system())["ConfigMap/signal-service"], version=version)


def labelled(document: Document) -> Document:
    document["metadata"]["labels"]["somebody"] = "was-here"
    return document


def test_cache_keeps_the_newer_version() -> None:
    cache = ChildCache()
    assert cache.put(config_map(version=10))
    assert not cache.put(config_map(version=9))
    assert cache.put(labelled(config_map(version=11)))
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


def test_version_that_changes_nothing_that_is_kept_is_no_news() -> None:
    cache = ChildCache()
    cache.put(config_map(version=10))
    assert not cache.put(config_map(version=10)), "the watch's echo of our own write"
    assert not cache.put(config_map(version=11))
    known = cache.get(KEY)
    assert known
    assert version_of(known) == 11
    assert not cache.put(labelled(config_map(version=10))), "older than what is known"


def test_child_stays_settled_until_there_is_news_of_it() -> None:
    cache = ChildCache()
    cache.put(config_map(version=10))
    cache.settle(KEY, "hash")
    cache.put(config_map(version=11))
    assert cache.is_settled(KEY, "hash")
    assert not cache.is_settled(KEY, "another hash")
    cache.put(labelled(config_map(version=12)))
    assert not cache.is_settled(KEY, "hash")


def test_settled_child_is_kept_without_what_was_compared() -> None:
    cache = ChildCache()
    deployment = as_seen(children(make_system())["Deployment/signal-service"], version=10, readyReplicas=1)
    deployment["spec"]["replicas"] = 3
    key = child_key(deployment)
    for document in (deployment, config_map(version=10)):
        cache.put(trim_child(document))
        cache.settle(child_key(document), "hash")
    assert "data" not in (cache.get(KEY) or {})
    kept = cache.get(key) or {}
    assert (kept["spec"], kept["status"]) == ({"replicas": 3}, {"readyReplicas": 1})
    assert not cache.put(trim_child(config_map(version=11))), "no news, although the one before is cut by now"


def test_settled_secret_keeps_its_token() -> None:
    cache = ChildCache()
    secret = trim_child(as_seen(children(make_system())["Secret/trading-internal"]))
    cache.put(secret)
    cache.settle(child_key(secret), "hash")
    assert cache.get(child_key(secret)) == secret
    assert secret["data"]


def test_child_that_is_gone_is_not_settled() -> None:
    cache = ChildCache()
    cache.put(config_map(version=10))
    cache.settle(KEY, "hash")
    cache.remove(config_map(version=11))
    assert not cache.is_settled(KEY, "hash")


def test_child_that_was_out_of_sight_is_taken_in_again_as_it_is() -> None:
    cache = ChildCache()
    cache.put(config_map(version=10))
    cache.settle(KEY, "hash")
    cache.forget(KEY)
    cache.forget(KEY)
    assert cache.children_of(SYSTEM) == {}
    assert cache.put(config_map(version=10))
    assert not cache.is_settled(KEY, "hash")
