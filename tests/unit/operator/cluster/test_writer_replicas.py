"""How many pods there are: kept for an autoscaler, left to it, and put back where they are fixed."""

import copy

from tests.unit.operator.cluster.writing import OWNER, Stage
from tests.unit.operator.factories import children, make_system
from trading_operator import labels, reasons
from trading_operator.errors import ConflictError
from trading_operator.observed import Document


def autoscaled() -> Document:
    """Return a Deployment whose number of pods is an autoscaler's concern, asked for since this pass."""
    deployment = copy.deepcopy(children(make_system())["Deployment/data-service"])
    del deployment["spec"]["replicas"]
    deployment["metadata"]["annotations"][labels.APPLIED] = "autoscaled"
    return deployment


def held_by(*managers: str) -> Document:
    """Return a Deployment of three pods, whose number these managers hold."""
    deployment = copy.deepcopy(children(make_system())["Deployment/data-service"])
    deployment["spec"]["replicas"] = 3
    fields = {"f:spec": {"f:replicas": {}}}
    deployment["metadata"]["managedFields"] = [{"manager": manager, "fieldsV1": fields} for manager in managers]
    return deployment


async def test_replicas_are_kept_until_an_autoscaler_holds_them(stage: Stage) -> None:
    stage.exists(held_by("trading-operator"))
    await stage.writer.apply(OWNER, [autoscaled()])
    assert stage.client.writes == ["apply Deployment/data-service replicas=3"]


async def test_replicas_that_an_autoscaler_holds_are_not_written(stage: Stage) -> None:
    stage.exists(held_by("kube-controller-manager"))
    await stage.writer.apply(OWNER, [autoscaled()])
    assert stage.client.writes == ["apply Deployment/data-service"]


async def test_replicas_that_an_autoscaler_takes_meanwhile_are_left_to_it(stage: Stage) -> None:
    stage.exists(held_by("trading-operator"))
    stage.client.failures["data-service"] = [ConflictError(409, "taken", fields=(".spec.replicas",))]
    await stage.writer.apply(OWNER, [autoscaled()])
    assert stage.client.writes == [
        "apply Deployment/data-service replicas=3",
        "apply Deployment/data-service force",
    ]
    assert stage.told.reasons == []


async def test_other_fields_are_taken_back_without_dropping_the_replicas(stage: Stage) -> None:
    stage.exists(held_by("trading-operator"))
    stage.client.failures["data-service"] = [ConflictError(409, "held", fields=(".spec.template.spec.hostname",))]
    await stage.writer.apply(OWNER, [autoscaled()])
    assert stage.client.writes[-1] == "apply Deployment/data-service force replicas=3"
    assert stage.told.reasons == [reasons.FIELD_CONFLICT]


async def test_fixed_replicas_that_an_autoscaler_writes_are_put_back_with_who_fixes_and_who_writes_them(
    stage: Stage,
) -> None:
    stage.exists(held_by("kube-controller-manager"))
    await stage.writer.apply(OWNER, [children(make_system())["Deployment/data-service"]])
    assert stage.client.writes == ["apply Deployment/data-service force replicas=1"]
    assert stage.told.reasons == [reasons.DRIFT_CORRECTED, reasons.FIELD_CONFLICT]
    told = stage.told.messages[-1]
    assert "fixed by spec.services.data.replicas of TradingSystem desk" in told
    assert "whenever kube-controller-manager writes them" in told


async def test_other_drift_of_an_autoscaled_child_is_no_fight_over_its_replicas(stage: Stage) -> None:
    scaled = held_by("kube-controller-manager")
    scaled["metadata"]["annotations"][labels.APPLIED] = "autoscaled"
    stage.exists(scaled, spec={**scaled["spec"], "revisionHistoryLimit": 9})
    await stage.writer.apply(OWNER, [autoscaled()])
    assert stage.told.reasons == [reasons.DRIFT_CORRECTED]
