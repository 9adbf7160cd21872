"""R2: storms, silences and lost replies; the operator heals, does nothing twice, and does not hammer the API server."""

import asyncio

import pytest

from tests.faults.arena import Arena
from tests.faults.bound import Bound
from tests.faults.report import OUTCOMES, Outcomes
from tests.faults.trials import TRIALS, Outcome, learn_expectations, undergo


@pytest.fixture(scope="module")
def outcomes(arena: Arena, pytestconfig: pytest.Config) -> Outcomes:
    """What became of each trial: they run side by side, each with an operator of its own."""

    async def run() -> list[Outcome | BaseException]:
        async with arena.api_server:
            expected = await learn_expectations(arena)
            undergone = [undergo(arena, trial, expected) for trial in TRIALS.values()]
            return await asyncio.gather(*undergone, return_exceptions=True)

    outcomes = pytestconfig.stash[OUTCOMES] = dict(zip(TRIALS, asyncio.run(run()), strict=True))
    return outcomes


@pytest.mark.parametrize("fault", TRIALS)
def test_operator_heals_and_then_rests(outcomes: Outcomes, fault: str) -> None:
    if isinstance(outcome := outcomes[fault], BaseException):
        raise outcome


@pytest.mark.parametrize("fault", TRIALS)
def test_operator_does_not_hammer_the_api_server(outcomes: Outcomes, fault: str) -> None:
    if isinstance(outcome := outcomes[fault], BaseException):
        pytest.skip("it did not heal, which another test tells")
    assert not Bound().excess(outcome.during), f"a hot loop while the fault lasted: {dict(outcome.during)}"
