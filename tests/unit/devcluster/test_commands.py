import pytest

from devcluster.commands import run, succeeds, tail, wait_until
from devcluster.errors import CommandError, NotReadyError


def test_what_a_program_prints_is_returned() -> None:
    assert run(["cat"], purpose="read", text="bars\n") == "bars\n"


def test_a_failure_says_what_was_tried_and_what_came_back() -> None:
    with pytest.raises(CommandError) as caught:
        run(["/bin/sh", "-c", "echo no such thing >&2; exit 3"], purpose="find the thing")
    said = str(caught.value)
    assert said.startswith("Could not find the thing: ")
    assert "ended with code 3, expected 0" in said
    assert said.endswith("    no such thing")


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match="no-such-program cannot be started"):
        run(["no-such-program"], purpose="try")


def test_a_program_that_is_not_there_does_not_succeed() -> None:
    assert not succeeds(["no-such-program"])
    assert succeeds(["true"])


def test_only_the_end_of_a_long_output_is_kept() -> None:
    assert tail("\n".join(map(str, range(100))), lines=2) == "    98\n    99"


def test_a_condition_that_never_holds_ends_in_an_error() -> None:
    with pytest.raises(NotReadyError, match="API server: ready: not so after 0 s"):
        wait_until(lambda: False, what="API server: ready", seconds=0.05, every=0.01)
