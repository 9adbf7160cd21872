from trading_workloads.store.patience import LONGEST_SECONDS, Patience


def test_waits_grow_to_a_limit_and_start_over_after_success() -> None:
    patience = Patience("a test", random=lambda: 1.0)
    waits = [patience.after_failure(ConnectionError()) for _ in range(12)]
    assert waits == sorted(waits)
    assert waits[0] < 0.1
    assert waits[-1] == LONGEST_SECONDS
    patience.after_success()
    assert patience.after_failure(ConnectionError()) == waits[0]


def test_half_of_a_wait_is_random() -> None:
    shortest, longest = (Patience("a test", random=lambda chance=chance: chance) for chance in (0.0, 1.0))
    assert shortest.after_failure(OSError()) * 2 == longest.after_failure(OSError())
