from trading_operator.concessions import Concessions
from trading_operator.kinds import SERVICE
from trading_operator.observed import ChildKey

KEY = ChildKey(SERVICE, "trading", "data-service")


def test_what_was_conceded_is_covered_and_nothing_else() -> None:
    concessions = Concessions()
    assert concessions.cover(KEY, "hash", [])
    assert not concessions.cover(KEY, "hash", ["spec.a"])
    concessions.make(KEY, "hash", ["spec.a"])
    concessions.make(KEY, "hash", ["spec.b"])
    assert concessions.cover(KEY, "hash", ["spec.a", "spec.b"])
    assert not concessions.cover(KEY, "hash", ["spec.a", "spec.c"])


def test_concession_ends_when_something_else_is_asked_for_or_it_is_withdrawn() -> None:
    concessions = Concessions()
    concessions.make(KEY, "hash", ["spec.a"])
    assert not concessions.cover(KEY, "another", ["spec.a"])
    concessions.withdraw()
    assert not concessions.cover(KEY, "hash", ["spec.a"])
