"""The harness itself: it sees what it is to see, and tells apart what is to be told apart."""

from collections import Counter

import pytest

from tests.faults.agenda import Agenda
from tests.faults.convergence import untimely
from tests.faults.ledger import Sent, read_request
from tests.faults.oracle import Expectation
from tests.faults.points import Fault, Point, parse_point, points_at
from tests.faults.scenario import SCENARIO
from tests.faults.state import TIMED_OUT

STEP = SCENARIO[0]
EXPECTED = Expectation("", Counter({"patch/services/a": 2}), Counter())

KILLS = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)


@pytest.mark.parametrize(
    ("method", "path", "is_watch", "written", "is_write"),
    [
        ("PATCH", "/api/v1/namespaces/x/services/a", False, "patch/services/a", True),
        (
            "PATCH",
            "/apis/signaltrading.io/v1alpha1/namespaces/x/strategies/a/status",
            False,
            "patch/strategies/a/status",
            True,
        ),
        ("DELETE", "/apis/apps/v1/namespaces/x/deployments/a", False, "delete/deployments/a", True),
        ("POST", "/api/v1/namespaces/x/events", False, "create/events", False),
        ("PUT", "/apis/coordination.k8s.io/v1/namespaces/x/leases/a", False, "update/leases/a", False),
        ("GET", "/api/v1/namespaces/x/services/a", False, "get/services/a", False),
        ("GET", "/api/v1/namespaces/x/services", False, "list/services", False),
        ("GET", "/api/v1/services", True, "watch/services", False),
    ],
)
def test_request_is_read_in_the_words_of_kubernetes(
    method: str, path: str, *, is_watch: bool, written: str, is_write: bool
) -> None:
    sent = read_request(method, path, is_watch=is_watch, at=0.0)
    assert (str(sent), sent.is_write) == (written, is_write)


def test_point_is_found_again_by_its_id() -> None:
    point = Point(STEP, Fault.KILLED_AFTER, "patch/strategies/alone/status", 2)
    assert parse_point(str(point)) == point


def test_operator_is_killed_twice_at_every_write() -> None:
    agenda = Agenda()
    agenda.plan(STEP, EXPECTED)
    killed = Counter((point.fault, point.write) for point in agenda.unfinished() if point.fault.kills)
    assert killed == {(fault, write): count for fault in KILLS for write, count in EXPECTED.writes.items()}


def test_lost_replies_of_a_step_are_few_and_spread() -> None:
    points = points_at(STEP, Counter(dict.fromkeys("abcdefgh", 1)))
    assert [point.write for point in points if not point.fault.kills] == ["a", "c", "e", "g"]


@pytest.mark.parametrize(("occurrence", "told"), [(1, "unfinished"), (2, "fell_together")])
def test_point_whose_write_never_comes_is_given_up_and_told(occurrence: int, told: str) -> None:
    agenda = Agenda()
    agenda.plan(STEP, EXPECTED)
    missed = Point(STEP, Fault.KILLED_BEFORE, "patch/services/a", occurrence)
    while (point := agenda.take(STEP)) is not None:
        agenda.done(point, hit=point != missed)
    found = {"unfinished": agenda.unfinished(), "fell_together": agenda.fell_together()}
    assert found == {"unfinished": [], "fell_together": []} | {told: [missed]}
    assert agenda.held


def test_status_that_says_that_a_deadline_has_passed_may_come_once() -> None:
    def status(of: str, told: str) -> Sent:
        return Sent("patch", f"tradingsystems/{of}/status", 0.0, told.encode())

    once, again, other, wrong = status("a", TIMED_OUT), status("a", TIMED_OUT), status("b", TIMED_OUT), status("c", "x")
    assert untimely([once, again, other, wrong]) == [again, wrong]
