"""Whatever users can get past the API server: the operator goes on, says what is wrong, and nobody else notices."""

from tests.integration.operator.apiserver import PLURALS
from tests.integration.operator.fuzz.conftest import OBJECTS, Run
from tests.integration.operator.fuzz.outcomes import Outcome
from tests.integration.operator.fuzz.schema import read_schema, rules_of
from tests.integration.operator.process import CONDITION_SECONDS, SLACK_FOR_LOAD

SHOWN = 8


def shown(outcomes: list[Outcome]) -> str:
    """Return the first few objects, for a failed assertion."""
    return f"{len(outcomes)} objects:\n" + "\n".join(map(str, outcomes[:SHOWN]))


def test_operator_never_exits(run: Run) -> None:
    assert run.exit_code is None, run.operator.log.read_text()[-3000:]
    assert len(run.outcomes) == OBJECTS
    assert run.operator.is_ready()


def test_no_pass_breaks(run: Run) -> None:
    """A pass that breaks by an error which nobody foresaw is told in the log alone, and tried again for ever."""
    assert 'result="error"' not in run.metrics, run.operator.log.read_text()[-6000:]


def test_fuzz_reaches_both_the_api_server_and_the_operator(run: Run) -> None:
    refused = [outcome for outcome in run.outcomes if outcome.refused]
    by_schema = [outcome for outcome in run.outcomes if outcome.invalid and not outcome.allowed]
    by_meaning = [outcome for outcome in run.outcomes if outcome.invalid and outcome.allowed]
    assert min(len(refused), len(by_schema), len(by_meaning)) > OBJECTS / 20


def test_every_rule_of_the_definitions_is_broken_by_an_object_that_the_operator_sees(run: Run) -> None:
    refusals = [outcome.strict_answer.body.get("message", "") for outcome in run.outcomes if outcome.strict_answer]
    rules = {rule for plural in PLURALS.values() for rule in rules_of(read_schema(plural))}
    assert {rule for rule in rules if not any(rule in refusal for refusal in refusals)} == set()


def test_every_object_gets_a_condition(run: Run) -> None:
    silent = [outcome for outcome in run.outcomes if not outcome.refused and not outcome.condition]
    assert not silent, shown(silent)


def test_invalid_object_is_told_so_in_time(run: Run) -> None:
    invalid = [outcome for outcome in run.outcomes if outcome.invalid]
    wrong = [outcome for outcome in invalid if not is_told(outcome)]
    assert not wrong, shown(wrong)
    late = [outcome for outcome in invalid if (outcome.seconds or 0) > CONDITION_SECONDS + SLACK_FOR_LOAD]
    assert not late, shown(late)


def is_told(outcome: Outcome) -> bool:
    return (outcome.condition.get("status"), outcome.condition.get("reason")) == ("False", outcome.reason)


def test_condition_names_the_field(run: Run) -> None:
    wrong = [outcome for outcome in run.outcomes if outcome.invalid and not outcome.names_the_field()]
    assert not wrong, shown(wrong)


def test_object_that_the_schema_allows_is_never_called_invalid_by_it(run: Run) -> None:
    """A null apart: the API server puts a default in its place, unless the definition is loosened."""
    allowed = [outcome for outcome in run.outcomes if outcome.allowed and outcome.what != "null"]
    wrong = [outcome for outcome in allowed if outcome.condition.get("reason") == "InvalidSpec"]
    assert not wrong, shown(wrong)


def test_object_that_the_schema_allows_has_children_that_the_api_server_takes(run: Run) -> None:
    wrong = [outcome for outcome in run.outcomes if outcome.condition.get("reason") == "WriteFailed"]
    assert not wrong, shown(wrong)


def test_healthy_strategy_is_served_all_along(run: Run) -> None:
    """No edit waits behind the objects of others; how much longer it takes is in the report."""
    assert len(run.seconds_beside) >= OBJECTS / 100
    assert max(run.seconds_beside) <= CONDITION_SECONDS + SLACK_FOR_LOAD
