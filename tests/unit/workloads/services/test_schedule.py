import pytest

from trading_workloads.services.data.schedule import Schedule


@pytest.mark.parametrize(("seconds", "due"), [(0.0, 11), (0.19, 11), (0.2, 12), (1.0, 16), (3600.0, 18011)], ids=str)
def test_closes_are_due_at_a_fixed_rate_from_the_start(seconds: float, due: int) -> None:
    assert Schedule(start_seconds=100.0, position=10, per_second=5.0).due(100.0 + seconds) == due


def test_waiting_for_what_is_said_to_be_due_makes_it_due() -> None:
    schedule = Schedule(start_seconds=7.3, position=0, per_second=1300.0)
    for position in range(0, 5000, 7):
        moment = 7.3 + schedule.seconds_until(position, 7.3)
        assert schedule.due(moment + 1e-9) > position


def test_close_that_is_due_is_not_waited_for() -> None:
    assert Schedule(start_seconds=0.0, position=0, per_second=2.0).seconds_until(4, 100.0) == 0.0
