import io

import pytest

from devcluster.progress import Ticker, duration, step


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (12.4, "12 s"), (59.4, "59 s"), (60, "1 min 00 s"), (185.9, "3 min 05 s")],
)
def test_a_duration_is_written_as_people_read_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_step_that_works_says_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    with step("certificates"):
        pass
    assert capsys.readouterr().out == "  certificates (0.0 s)\n"


def fail_in_step() -> None:
    with step("certificates"):
        raise RuntimeError


def test_a_step_that_fails_says_so_and_lets_the_error_through(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError):
        fail_in_step()
    assert capsys.readouterr().out == "  certificates … failed after 0.0 s\n"


def test_a_ticker_is_quiet_for_ten_seconds_between_lines() -> None:
    now, out = [0.0], io.StringIO()
    ticker = Ticker("go build", out, clock=lambda: now[0])
    for second in range(21):
        now[0] = float(second)
        ticker.tick(f"{second} packages")
    assert out.getvalue() == "    go build: 10 packages, 10 s\n    go build: 20 packages, 20 s\n"
