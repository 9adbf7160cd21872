"""What the run says at its end, also where nothing failed: points by step and fault."""

from typing import Final

import pytest

from tests.faults.agenda import Agenda

AGENDA: Final = pytest.StashKey[Agenda]()


def write_report(reporter: pytest.TerminalReporter, stash: pytest.Stash) -> None:
    """Write what there is to tell."""
    if agenda := stash.get(AGENDA, None):
        reporter.section("fault points")
        for line in agenda.summary():
            reporter.write_line(line)
