from trading_workloads.runner.page_size import FEWEST, MOST, PageSize


def test_pages_grow_while_work_is_quick_and_stay_when_it_takes_its_time() -> None:
    size = PageSize(longest_seconds=0.6)
    for _ in range(10):
        size.took(0.1)
    assert size.bars == MOST
    size.took(0.4)
    assert size.bars == MOST


def test_pages_shrink_while_work_takes_too_long() -> None:
    size = PageSize(longest_seconds=0.6)
    size.took(0.7)
    assert size.bars == 16
    for _ in range(10):
        size.took(5.0)
    assert size.bars == FEWEST
