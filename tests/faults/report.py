"""What the run says at its end, also where nothing failed: points by step and fault, requests by trial."""

from typing import Final

import pytest

from tests.faults.agenda import Agenda
from tests.faults.trials import Outcome

Outcomes = dict[str, Outcome | BaseException]
"""Of each trial what became of the operator, or what went wrong."""

AGENDA: Final = pytest.StashKey[Agenda]()
OUTCOMES: Final = pytest.StashKey[Outcomes]()


def write_report(reporter: pytest.TerminalReporter, stash: pytest.Stash) -> None:
    """Write what there is to tell."""
    if agenda := stash.get(AGENDA, None):
        reporter.section("fault points")
        for line in agenda.summary():
            reporter.write_line(line)
    if outcomes := stash.get(OUTCOMES, None):
        reporter.section("faults that lasted")
        for fault, outcome in outcomes.items():
            reporter.write_line(f"{fault:22}{_told(outcome)}")


def _told(outcome: Outcome | BaseException) -> str:
    if isinstance(outcome, BaseException):
        return type(outcome).__name__
    asked = ", ".join(f"{count} {verb}" for verb, count in sorted(outcome.during.items()))
    return f"healed after {outcome.healed_seconds:4.1f} s; meanwhile {asked or 'nothing'} was asked"
