"""R1: the operator is killed, or an answer is lost, at every write of a system's life; it always comes to the same end.

docs/faults.md says what is swept and how one point is tried again.
"""

import os

import pytest

from tests.faults.agenda import Agenda
from tests.faults.points import POINT_VARIABLE
from tests.faults.scenario import PHASES

AT_LEAST = 300
"""Points at which the operator is killed; those with a dropped reply come on top."""
FALL_TOGETHER_AT_MOST = 8
"""Of some four hundred points; a busy machine has had one or two."""

whole = pytest.mark.skipif(POINT_VARIABLE in os.environ, reason=f"{POINT_VARIABLE} names one point")


@pytest.mark.parametrize("phase", PHASES)
def test_every_point_ends_in_the_state_of_a_run_without_faults(agenda: Agenda, phase: str) -> None:
    failed = agenda.failures_of(phase)
    assert not failed, "\n\n".join(f"{POINT_VARIABLE}={point}\n{told}" for point, told in failed.items())


def test_every_planned_write_was_hit(agenda: Agenda) -> None:
    assert agenda.held or agenda.failures
    assert not agenda.unfinished(), ", ".join(map(str, agenda.unfinished()))


def test_few_writes_fall_together(agenda: Agenda) -> None:
    """Else the second write of an object would be gone, and not fall together with the first one at times."""
    assert len(agenda.fell_together()) <= FALL_TOGETHER_AT_MOST


@whole
@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_is_swept(agenda: Agenda, phase: str) -> None:
    assert any(point.step.phase == phase for point in agenda.held)


@whole
def test_operator_was_killed_at_enough_points(agenda: Agenda) -> None:
    assert agenda.kills() >= AT_LEAST
