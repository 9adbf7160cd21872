import base64
import itertools

import pytest

from tests.unit.operator.factories import CATALOG, strategy_body, system_body
from trading_operator import reasons
from trading_operator.acceptance import Acceptance
from trading_operator.childcache import ChildCache
from trading_operator.errors import UserError
from trading_operator.gathering import Gatherer
from trading_operator.names import TOKEN_KEY, TOKEN_SECRET
from trading_operator.objectstore import ObjectStore
from trading_operator.observed import Document


def gatherer_of(*bodies: Document) -> Gatherer:
    store = ObjectStore()
    for body in bodies:
        store.put(body)
    return Gatherer(
        store, ChildCache(), Acceptance(CATALOG), new_token=(f"new {number}" for number in itertools.count(1)).__next__
    )


def test_second_system_of_a_namespace_is_told_which_one_is_there() -> None:
    older, newer = system_body("desk"), system_body("second")
    older["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    newer["metadata"]["creationTimestamp"] = "2026-01-02T00:00:00Z"
    gatherer = gatherer_of(older, newer)
    gatherer.accept_system(gatherer.system(older))
    with pytest.raises(UserError, match='already has "desk"') as caught:
        gatherer.accept_system(gatherer.system(newer))
    assert caught.value.reason == reasons.NAMESPACE_TAKEN


def test_strategy_with_a_mistake_is_left_out_and_the_others_stay() -> None:
    wrong = strategy_body("wrong", logic={"rules": {"enterLong": "smaa(close, 3) > 1"}})
    gatherer = gatherer_of(system_body(), strategy_body("right"), wrong)
    assert set(gatherer.accepted_strategies(gatherer.system(system_body()))) == {"right"}


def test_fault_that_is_remembered_gathers_nothing() -> None:
    wrong = strategy_body("wrong", logic={"rules": {"enterLong": "smaa(close, 3) > 1"}})
    gatherer = gatherer_of(system_body(), wrong)
    strategy, system = gatherer.strategy(wrong), gatherer.system(system_body())
    faults = []
    for _ in range(3):
        with pytest.raises(UserError) as caught:
            gatherer.acceptance.accept_strategy(strategy, system)
        faults.append(caught.value)
    assert len({fault.message for fault in faults}) == 1
    assert len({id(fault) for fault in faults}) == 3, "one that is raised again and again keeps the frames of each time"


def secret(token: str) -> Document:
    metadata = {"namespace": "trading", "name": TOKEN_SECRET, "uid": "u", "resourceVersion": "1"}
    data = {TOKEN_KEY: base64.b64encode(token.encode()).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}


def test_new_token_stays_the_same_until_a_secret_has_one() -> None:
    gatherer, written = gatherer_of(), secret("written")
    assert {gatherer.token("trading") for _ in range(3)} == {"new 1"}
    gatherer.cache.put(written)
    assert gatherer.token("trading") == "written"
    gatherer.cache.remove(written)
    assert gatherer.token("trading") == "new 2", "whoever deletes the Secret wants another token"


def test_token_that_is_no_text_is_replaced() -> None:
    gatherer = gatherer_of()
    gatherer.cache.put({**secret("x"), "data": {TOKEN_KEY: "%%%"}})
    assert gatherer.token("trading") == "new 1"
