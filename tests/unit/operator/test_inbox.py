from dataclasses import dataclass, field

import pytest

from tests.unit.operator.factories import as_seen, children, make_system, strategy_body, system_body
from trading_operator.inbox import GATHER_SECONDS, Inbox
from trading_operator.kinds import STRATEGY
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import Document, ObjectKey

SYSTEM = ObjectKey("TradingSystem", "trading", "desk")
ALPHA = ObjectKey("Strategy", "trading", "alpha")


@dataclass
class Queued:
    """A queue that only remembers."""

    fresh: list[ObjectKey] = field(default_factory=list)
    resync: list[ObjectKey] = field(default_factory=list)
    later: list[tuple[ObjectKey, float]] = field(default_factory=list)
    forgotten: list[ObjectKey] = field(default_factory=list)

    def add(self, key: ObjectKey, *, resync: bool = False) -> None:
        (self.resync if resync else self.fresh).append(key)

    def add_after(self, key: ObjectKey, seconds: float) -> None:
        self.later.append((key, seconds))


@pytest.fixture
def queued() -> Queued:
    return Queued()


@pytest.fixture
def inbox(queued: Queued) -> Inbox:
    return Inbox(ObjectStore(), queued.add, queued.add_after, queued.forgotten.append)


def changed(body: Document, version: int, **metadata: object) -> Document:
    return {**body, "metadata": {**body["metadata"], "resourceVersion": str(version), **metadata}}


def test_new_strategy_concerns_its_system(inbox: Inbox, queued: Queued) -> None:
    inbox.take("ADDED", strategy_body())
    assert queued.fresh == [ALPHA, SYSTEM]


def test_new_system_concerns_its_strategies(inbox: Inbox, queued: Queued) -> None:
    inbox.take(None, strategy_body())
    queued.fresh.clear()
    inbox.take(None, system_body())
    assert queued.fresh == [SYSTEM, ALPHA]


def test_echo_of_our_own_status_concerns_nobody(inbox: Inbox, queued: Queued) -> None:
    inbox.take("ADDED", system_body())
    inbox.store.put(changed(system_body(), 5))
    queued.fresh.clear()
    inbox.take("MODIFIED", changed(system_body(), 5))
    assert queued.fresh == []


def test_status_that_somebody_else_wrote_concerns_the_object_alone(inbox: Inbox, queued: Queued) -> None:
    inbox.take("ADDED", strategy_body())
    queued.fresh.clear()
    inbox.take("MODIFIED", changed(strategy_body(), 6))
    assert queued.fresh == [ALPHA]


def test_strategy_that_moves_concerns_both_systems(inbox: Inbox, queued: Queued) -> None:
    inbox.take("ADDED", strategy_body())
    queued.fresh.clear()
    inbox.take("MODIFIED", changed(strategy_body(systemRef={"name": "other"}), 2, generation=2))
    assert set(queued.fresh) == {ALPHA, SYSTEM, ObjectKey("TradingSystem", "trading", "other")}


def test_deleted_object_is_forgotten_and_its_relatives_are_told(inbox: Inbox, queued: Queued) -> None:
    inbox.take("ADDED", system_body())
    inbox.take("ADDED", strategy_body())
    queued.fresh.clear()
    inbox.take("DELETED", system_body())
    assert inbox.store.get(SYSTEM) is None
    assert queued.fresh == [SYSTEM, ALPHA]
    assert queued.forgotten == [SYSTEM]


def test_deletion_of_the_oldest_system_lets_the_next_one_in(inbox: Inbox, queued: Queued) -> None:
    inbox.take("ADDED", system_body())
    inbox.take("ADDED", system_body("second"))
    queued.fresh.clear()
    inbox.take("DELETED", system_body())
    assert ObjectKey("TradingSystem", "trading", "second") in queued.fresh


def test_listing_finds_what_a_lost_event_did_not_tell(inbox: Inbox, queued: Queued) -> None:
    inbox.take("ADDED", strategy_body("gone"))
    inbox.take("ADDED", strategy_body())
    queued.fresh.clear()
    inbox.replace(STRATEGY, None, [strategy_body()], version=100)
    assert queued.fresh == [ObjectKey("Strategy", "trading", "gone"), SYSTEM]
    assert queued.resync == [ALPHA]


def test_listing_brings_what_changed_meanwhile_forward(inbox: Inbox, queued: Queued) -> None:
    inbox.take("ADDED", changed(strategy_body(), 5))
    queued.fresh.clear()
    inbox.replace(STRATEGY, None, [changed(strategy_body(generation=2), 9), strategy_body("new")], version=100)
    assert queued.fresh == [ALPHA, SYSTEM, ObjectKey("Strategy", "trading", "new"), SYSTEM]
    assert queued.resync == []


def test_nothing_is_new_in_the_first_listing(inbox: Inbox, queued: Queued) -> None:
    inbox.replace(STRATEGY, None, [strategy_body()], version=100, news=False)
    assert (queued.fresh, queued.resync) == ([], [ALPHA])


def test_listing_of_one_namespace_says_nothing_of_another(inbox: Inbox) -> None:
    inbox.take("ADDED", strategy_body())
    inbox.replace(STRATEGY, "elsewhere", [], version=100)
    assert inbox.store.get(ALPHA)


def test_older_listing_does_not_drop_a_newer_object(inbox: Inbox) -> None:
    inbox.take("ADDED", changed(strategy_body(), 10))
    inbox.replace(STRATEGY, None, [], version=8)
    assert inbox.store.get(ALPHA)


def test_answer_with_a_spec_that_no_pass_has_seen_is_worked_on(inbox: Inbox, queued: Queued) -> None:
    inbox.take("ADDED", changed(strategy_body(), 5))
    queued.fresh.clear()
    inbox.take_answer(changed(strategy_body(generation=2), 11))
    inbox.take("MODIFIED", changed(strategy_body(generation=2), 10))
    assert queued.fresh == [ALPHA, SYSTEM]


def test_answer_with_the_spec_as_it_was_concerns_nobody(inbox: Inbox, queued: Queued) -> None:
    inbox.take("ADDED", changed(strategy_body(), 5))
    queued.fresh.clear()
    inbox.take_answer(changed(strategy_body(), 6))
    inbox.take("MODIFIED", changed(strategy_body(), 6))
    assert queued.fresh == []


def test_changed_child_concerns_its_owner_in_a_moment(inbox: Inbox, queued: Queued) -> None:
    inbox.child_changed(as_seen(children(make_system())["Service/redis-service"]))
    assert queued.later == [(SYSTEM, GATHER_SECONDS)]
    assert queued.fresh == []


def test_namespaces_with_systems_are_told(inbox: Inbox) -> None:
    told: list[str] = []

    class Places:
        def enter(self, namespace: str) -> None:
            told.append(f"enter {namespace}")

        def leave(self, namespace: str) -> None:
            told.append(f"leave {namespace}")

    inbox.places = Places()
    inbox.take("ADDED", strategy_body())
    inbox.take("ADDED", system_body())
    inbox.take("DELETED", strategy_body())
    inbox.take("DELETED", system_body())
    assert told == ["enter trading", "leave trading"]
