import json
from typing import Any

import pytest
from redis.exceptions import ResponseError

from trading_workloads.contract import SourceDocument
from trading_workloads.runner.checkpoint import Checkpoint
from trading_workloads.runner.control import Document
from trading_workloads.runner.lease import Held, HeldByAnother
from trading_workloads.runner.strategy_run import StrategyRun

SOURCES: dict[str, SourceDocument] = {"sample": {"symbols": ["AAA"], "timeframe": "1d", "clock": "replay"}}
HELD = Held(1, Checkpoint("r1", 1, 5, "{}", 1))


def make_run(source: str = "sample") -> StrategyRun:
    spec: dict[str, Any] = {
        "systemRef": {"name": "system"},
        "universe": {"symbols": ["AAA"]},
        "data": {"source": source},
        "logic": {"rules": {"enterLong": "close > 1"}},
    }
    return StrategyRun(Document(name="s", uid="u", generation=1, revision="r1", spec=spec))


def problem_of(run: StrategyRun) -> str | None:
    problem = json.loads(run.report("pod")).get("problem")
    return problem and problem["reason"]


def test_refusal_of_redis_is_reported_until_the_lease_is_accepted_again() -> None:
    run = make_run()
    run.on_lease(HELD)
    assert run.specify(SOURCES)
    run.on_refusal(ResponseError("MISCONF unable to persist to disk"))
    assert problem_of(run) == "StoreError"
    run.on_lease(HELD)
    assert problem_of(run) is None


@pytest.mark.parametrize("answer", [HELD, HeldByAnother("other")], ids=["held", "elsewhere"])
def test_mistake_of_the_strategy_stays_whoever_has_the_lease(answer: Held | HeldByAnother) -> None:
    run = make_run(source="vendor")
    assert not run.specify(SOURCES)
    run.on_lease(answer)
    assert problem_of(run) == "UnknownSource"
