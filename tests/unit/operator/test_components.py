from typing import Any

import pytest

from tests.unit.operator.factories import as_seen, children, make_system
from trading_operator.components import components_of, held_children
from trading_operator.observed import child_key, trim_child

DEPLOYMENT = children(make_system())["Deployment/data-service"]
GOOD = {"observedGeneration": 1, "readyReplicas": 1, "updatedReplicas": 1}
LATE = {"type": "Progressing", "status": "False", "message": "timed out"}
QUOTA = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (GOOD, ""),
        ({}, "has 0 of 1 pods ready"),
        ({**GOOD, "readyReplicas": 0, "conditions": [LATE]}, "has 0 of 1 pods ready: timed out"),
        ({**GOOD, "updatedReplicas": 0}, "is being replaced by its new version"),
        ({**GOOD, "observedGeneration": 0}, "is being replaced by its new version"),
        ({**GOOD, "conditions": [QUOTA]}, "makes no pods: exceeded quota"),
    ],
    ids=["ready", "new", "late", "old-pods", "not-seen-by-its-controller", "quota"],
)
def test_workload_says_what_is_wrong_with_it(status: dict[str, Any], message: str) -> None:
    found = trim_child(as_seen(DEPLOYMENT, **status))
    (component,) = components_of([DEPLOYMENT], {child_key(found): found})
    assert (component.ready, component.message) == (not message, message)


def test_workload_that_hangs_in_deletion_says_so_although_its_pods_are_ready() -> None:
    found = as_seen(DEPLOYMENT, **GOOD)
    found["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["somebody/guard"]}
    trimmed = trim_child(found)
    told = "is being deleted since 2026-01-01T00:00:00Z and held by somebody/guard"
    (component,) = components_of([DEPLOYMENT], {child_key(found): trimmed})
    assert (component.ready, component.message) == (False, told)
    assert held_children({child_key(found): trimmed}) == {child_key(found): told}


def test_workload_that_is_not_there_says_so() -> None:
    (component,) = components_of([DEPLOYMENT], {})
    assert (component.ready, component.message) == (False, "is not there yet")


def test_workload_scaled_to_zero_is_as_it_should_be() -> None:
    deployment = children(make_system(services={"data": {"replicas": 0}}))["Deployment/data-service"]
    found = trim_child(as_seen(deployment, observedGeneration=1))
    (component,) = components_of([deployment], {child_key(found): found})
    assert component.ready


def test_redis_comes_first_and_only_what_runs_is_a_component() -> None:
    components = components_of(list(children(make_system()).values()), {})
    assert [component.name for component in components] == ["redis-service", "data-service", "signal-service"]
