"""Mistakes of users: refused by the API server where it can see them, else a condition; everything else goes on."""

import copy
from collections.abc import Iterator

import pytest
import yaml

from devcluster.kubectl import Kubectl
from tests.e2e.platform import Document, Platform, condition_of, quickstart, wait_for

TOO_DEEP = "close > " + "(" * 60 + "1" + " + 1)" * 60

MISTAKES = {
    "unknown-function": (
        {"logic": {"rules": {"enterLong": "crosses_above(smaa(close, 20), close)"}}},
        ["spec.logic.rules.enterLong, column 15", 'unknown function "smaa"', 'did you mean "sma"?'],
    ),
    "look-ahead": (
        {"logic": {"rules": {"enterLong": "close > lag(close, -1)"}}},
        ["spec.logic.rules.enterLong, column", "-1"],
    ),
    "too-deep": ({"logic": {"rules": {"enterLong": TOO_DEEP}}}, ["spec.logic.rules.enterLong", "deep"]),
    "no-such-symbol": (
        {"universe": {"symbols": ["AAPL", "NOPE"]}},
        ["spec.universe.symbols[1]", 'found "NOPE"', "expected one of AAPL"],
    ),
    "no-such-system": ({"systemRef": {"name": "elsewhere"}}, ["spec.systemRef.name", "elsewhere"]),
    "no-such-source": (
        {"data": {"source": "vendor", "timeframe": "1d"}},
        ["spec.data.source", "vendor", "sample"],
    ),
}


def mistaken(name: str, change: Document) -> Document:
    document = copy.deepcopy(quickstart(closes_per_second=100)[1])
    document["metadata"]["name"] = name
    document["spec"] |= change
    return document


@pytest.fixture(scope="module")
def platform(kubectl: Kubectl) -> Iterator[Platform]:
    platform = Platform(kubectl, "mistakes")
    documents = quickstart(closes_per_second=100)
    platform.apply([*documents, *(mistaken(name, change) for name, (change, _) in MISTAKES.items())])
    return platform


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_a_condition_that_says_where_what_and_what_was_expected(platform: Platform, name: str) -> None:
    def told() -> Document | None:
        ready = condition_of(platform.get("strategy", name))
        return ready if ready.get("status") == "False" and all(word in ready["message"] for word in expected) else None

    expected = MISTAKES[name][1]
    found = wait_for(told, f"{name}: Ready=False with {expected}", 90)
    assert name in found["message"]


def test_the_others_go_on(platform: Platform) -> None:
    platform.wait_until_replayed("tech-ma-cross")
    platform.wait_until_replayed("dip-buyer")
    assert condition_of(platform.get("strategy", "tech-ma-cross"))["status"] == "True"
    assert condition_of(platform.get("strategy", "dip-buyer"))["status"] == "True"


def test_mistake_that_is_mended_becomes_ready(platform: Platform) -> None:
    platform.apply([mistaken("unknown-function", {})])
    wait_for(lambda: condition_of(platform.get("strategy", "unknown-function")).get("status") == "True", "Ready", 60)


def test_two_kinds_of_logic_are_refused_by_the_api_server(platform: Platform) -> None:
    document = mistaken("two-kinds", {})
    document["spec"]["logic"]["rules"] = {"enterLong": "close > 1"}
    document["metadata"]["namespace"] = platform.namespace
    refusal = platform.kubectl.refusal(yaml.safe_dump(document))
    assert (
        "spec.logic: Invalid value: expected exactly one of rules, builtin, model, code; found: rules builtin"
        in refusal
    )
