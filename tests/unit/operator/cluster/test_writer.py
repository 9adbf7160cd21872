import copy

import pytest

from tests.unit.operator.cluster.writing import CLAIM, KEY, OWNER, SERVICE, Stage
from tests.unit.operator.factories import as_seen, children, make_system, system_body
from trading_operator import labels, reasons
from trading_operator.change import Owner
from trading_operator.errors import ConflictError, NotFoundError, OwnerGoneError, RejectedError, UnreachableError
from trading_operator.kinds import NETWORK_POLICY
from trading_operator.observed import Document, child_key


async def test_missing_child_is_applied_without_force(stage: Stage) -> None:
    outcome = await stage.writer.apply(OWNER, [SERVICE])
    assert stage.client.writes == ["apply Service/data-service"]
    assert outcome.writes == 1
    assert stage.told.reasons == []


async def test_child_that_is_as_it_should_be_is_not_written(stage: Stage) -> None:
    for manifest in children(make_system()).values():
        stage.exists(manifest)
    outcome = await stage.writer.apply(OWNER, list(children(make_system()).values()))
    assert (outcome.writes, stage.client.writes) == (0, [])


async def test_child_that_was_found_right_is_looked_at_again_when_somebody_edits_it(stage: Stage) -> None:
    stage.exists(SERVICE)
    await stage.writer.apply(OWNER, [SERVICE])
    assert stage.cache.is_settled(child_key(SERVICE), SERVICE["metadata"]["annotations"][labels.APPLIED])
    stage.exists(SERVICE, spec={**SERVICE["spec"], "type": "NodePort"})
    assert (await stage.writer.apply(OWNER, [SERVICE])).writes == 1


async def test_what_pods_mount_is_written_before_the_pods(stage: Stage) -> None:
    await stage.writer.apply(OWNER, list(reversed(children(make_system()).values())))
    kinds = [write.split()[1].split("/")[0] for write in stage.client.writes]
    assert set(kinds[-3:]) == {"StatefulSet", "Deployment"}


async def test_edited_child_is_put_back_and_told(stage: Stage) -> None:
    stage.exists(SERVICE, spec={**SERVICE["spec"], "selector": {"a": "b"}})
    await stage.writer.apply(OWNER, [SERVICE])
    assert stage.client.writes == ["apply Service/data-service force"]
    assert stage.told.reasons == [reasons.DRIFT_CORRECTED]


async def test_change_of_ours_is_no_drift_and_first_asks_politely(stage: Stage) -> None:
    older = copy.deepcopy(SERVICE)
    older["metadata"]["annotations"][labels.APPLIED] = "older"
    stage.exists(older)
    await stage.writer.apply(OWNER, [SERVICE])
    assert stage.client.writes == ["apply Service/data-service"]
    assert stage.told.reasons == []


async def test_field_of_ours_that_somebody_holds_is_taken_back_and_told(stage: Stage) -> None:
    older = copy.deepcopy(SERVICE)
    older["metadata"]["annotations"][labels.APPLIED] = "older"
    stage.exists(older)
    stage.client.failures["data-service"] = [ConflictError(409, 'conflict with "kubectl-edit"')]
    await stage.writer.apply(OWNER, [SERVICE])
    assert stage.client.writes == ["apply Service/data-service", "apply Service/data-service force"]
    assert stage.told.reasons == [reasons.FIELD_CONFLICT]


async def test_what_somebody_added_is_removed_and_told(stage: Stage) -> None:
    pool = children(make_system())["ConfigMap/signal-service"]
    stage.exists(pool, data={**pool["data"], "rogue.json": "{}"})
    await stage.writer.apply(OWNER, [pool])
    await stage.writer.apply(OWNER, [pool])
    assert stage.client.writes == ["merge ConfigMap/signal-service {'data': {'rogue.json': None}}"]
    assert stage.told.reasons == [reasons.DRIFT_CORRECTED]


async def test_what_somebody_added_beside_an_edit_is_removed_in_the_same_pass(stage: Stage) -> None:
    stage.exists(SERVICE, spec={**SERVICE["spec"], "type": "NodePort"})
    stage.client.kept_by_others = {"spec": {**SERVICE["spec"], "externalIPs": ["10.0.0.1"]}}
    assert (await stage.writer.apply(OWNER, [SERVICE])).writes == 2
    assert stage.client.writes[1:] == ["merge Service/data-service {'spec': {'externalIPs': None}}"]


async def test_what_the_api_server_fills_in_again_is_left_and_told_once(stage: Stage) -> None:
    stage.exists(SERVICE, spec={**SERVICE["spec"], "unheardOf": "1"})
    stage.client.filled_in = {"spec": {"unheardOf": "1"}}
    for _ in range(3):
        await stage.writer.apply(OWNER, [SERVICE])
        stage.exists(SERVICE, spec={**SERVICE["spec"], "unheardOf": "1"})
    assert stage.client.writes == ["merge Service/data-service {'spec': {'unheardOf': None}}"]
    assert stage.told.reasons == [reasons.OVERRULED]


@pytest.mark.parametrize("name", ["ConfigMap/signal-service", "Secret/trading-internal"])
async def test_child_that_somebody_made_immutable_is_made_anew(stage: Stage, name: str) -> None:
    manifest = children(make_system())[name]
    stage.exists(manifest, immutable=True)
    outcome = await stage.writer.apply(OWNER, [manifest])
    assert stage.client.writes == [f"delete {name}", f"apply {name}"]
    assert (outcome.writes, stage.told.reasons) == (2, [reasons.DRIFT_CORRECTED])
    assert (await stage.writer.apply(OWNER, [manifest])).writes == 0


async def test_immutable_child_that_somebody_holds_is_deleted_once(stage: Stage) -> None:
    pool = children(make_system())["ConfigMap/signal-service"]
    held = {**pool["metadata"], "finalizers": ["somebody/guard"]}
    stage.exists(pool, immutable=True, metadata=held)
    await stage.writer.apply(OWNER, [pool])
    assert stage.client.writes == ["delete ConfigMap/signal-service"]
    stage.exists(pool, immutable=True, metadata={**held, "deletionTimestamp": "2026-01-01T00:00:00Z"})
    assert (await stage.writer.apply(OWNER, [pool])).writes == 0


async def test_what_was_left_does_not_hide_what_somebody_adds_later(stage: Stage) -> None:
    stage.exists(SERVICE, spec={**SERVICE["spec"], "unheardOf": "1"})
    stage.client.filled_in = {"spec": {"unheardOf": "1"}}
    await stage.writer.apply(OWNER, [SERVICE])
    stage.exists(SERVICE, spec={**SERVICE["spec"], "unheardOf": "1", "externalIPs": ["10.0.0.1"]})
    assert (await stage.writer.apply(OWNER, [SERVICE])).writes == 1
    assert (await stage.writer.apply(OWNER, [SERVICE])).writes == 0


async def test_field_that_a_webhook_writes_otherwise_is_written_once(stage: Stage) -> None:
    altered = {"spec": {**SERVICE["spec"], "type": "NodePort"}}
    stage.exists(SERVICE, **altered)
    stage.client.kept_by_others = altered
    for _ in range(3):
        await stage.writer.apply(OWNER, [SERVICE])
        stage.exists(SERVICE, **altered)
    assert stage.client.writes == ["apply Service/data-service force"]
    assert stage.told.reasons == [reasons.OVERRULED]
    stage.writer.forget_rejections()
    stage.client.kept_by_others = {}
    news = {**SERVICE["metadata"], "labels": {**SERVICE["metadata"]["labels"], "theirs": "1"}}
    stage.exists(SERVICE, **altered, metadata=news)
    await stage.writer.apply(OWNER, [SERVICE])
    assert stage.told.reasons[1:] == [reasons.DRIFT_CORRECTED]


async def test_removal_that_is_refused_is_not_tried_again(stage: Stage) -> None:
    stage.exists(SERVICE, spec={**SERVICE["spec"], "unheardOf": "1"})
    stage.client.failures["data-service"] = [RejectedError(422, "field is immutable")]
    for _ in range(2):
        assert (await stage.writer.apply(OWNER, [SERVICE])).refusals == []
    assert len(stage.client.writes) == 1
    assert stage.told.reasons == [reasons.OVERRULED]


@pytest.mark.parametrize(
    "metadata",
    [
        {"labels": {}},
        {"labels": {labels.MANAGED_BY: "Helm"}},
        {"ownerReferences": [{"kind": "TradingSystem", "name": "other", "uid": "1", "controller": True}]},
    ],
    ids=["bare", "helms", "of-another-system"],
)
async def test_object_of_somebody_else_is_left_alone(stage: Stage, metadata: Document) -> None:
    document = as_seen(SERVICE)
    document["metadata"] = {"name": "data-service", "namespace": "trading", "uid": "1", **metadata}
    stage.client.objects["Service", "data-service"] = document
    outcome = await stage.writer.apply(OWNER, [SERVICE])
    assert stage.client.writes == []
    assert [refusal.reason for refusal in outcome.refusals] == [reasons.NAME_CONFLICT]
    assert 'Service "data-service" exists in namespace "trading"' in outcome.refusals[0].message


async def test_child_that_a_restore_stripped_of_its_owner_is_ours_again(stage: Stage) -> None:
    stripped = copy.deepcopy(SERVICE)
    del stripped["metadata"]["ownerReferences"]
    stage.exists(stripped)
    await stage.writer.apply(OWNER, [SERVICE])
    assert stage.client.writes == ["apply Service/data-service force"]


@pytest.mark.parametrize("label", [labels.MANAGED_BY, labels.SYSTEM])
async def test_child_that_lost_its_owner_and_a_label_is_ours_again(stage: Stage, label: str) -> None:
    stripped = copy.deepcopy(SERVICE)
    del stripped["metadata"]["ownerReferences"], stripped["metadata"]["labels"][label]
    stage.exists(stripped)
    assert (await stage.writer.apply(OWNER, [SERVICE])).refusals == []
    assert stage.client.writes == ["apply Service/data-service force"]


async def test_child_that_somebody_took_over_is_told_with_who_it_was(stage: Stage) -> None:
    taken = copy.deepcopy(SERVICE)
    taken["metadata"]["ownerReferences"] = [{"kind": "Thief", "name": "x", "uid": "1", "controller": True}]
    stage.exists(taken)
    (refusal,) = (await stage.writer.apply(OWNER, [SERVICE])).refusals
    assert 'Service "data-service" exists' in refusal.message
    assert 'found owner Thief "x"' in refusal.message
    assert stage.client.writes == []


async def test_secret_that_the_watch_does_not_see_keeps_its_token(stage: Stage) -> None:
    secret = children(make_system())["Secret/trading-internal"]
    unlabelled = {**secret["metadata"], "labels": {labels.SYSTEM: "desk"}}
    found = as_seen({**secret, "metadata": unlabelled, "data": {"token": "b2xk"}})
    stage.client.objects["Secret", "trading-internal"] = found
    await stage.writer.apply(OWNER, [secret])
    assert "data" not in stage.client.objects["Secret", "trading-internal"]  # what was applied had none


async def test_refused_child_is_told_and_not_tried_again_until_it_changes(stage: Stage) -> None:
    stage.client.failures["data-service"] = [RejectedError(422, "spec is wrong"), RejectedError(422, "still wrong")]
    for _ in range(3):
        outcome = await stage.writer.apply(OWNER, [SERVICE])
        assert [refusal.reason for refusal in outcome.refusals] == [reasons.CHILD_REJECTED]
    assert len(stage.client.writes) == 1
    changed = copy.deepcopy(SERVICE)
    changed["metadata"]["annotations"][labels.APPLIED] = "changed"
    await stage.writer.apply(OWNER, [changed])
    assert len(stage.client.writes) == 2


async def test_refused_child_is_made_again_when_somebody_deletes_it(stage: Stage) -> None:
    stage.exists(SERVICE, spec={**SERVICE["spec"], "type": "NodePort"})
    stage.client.failures["data-service"] = [RejectedError(422, "field is immutable")]
    assert (await stage.writer.apply(OWNER, [SERVICE])).refusals
    assert (await stage.writer.apply(OWNER, [SERVICE])).refusals
    assert len(stage.client.writes) == 1
    stage.client.objects.clear()
    stage.cache.forget(child_key(SERVICE))
    outcome = await stage.writer.apply(OWNER, [SERVICE])
    assert (outcome.writes, outcome.refusals) == (1, [])


async def test_one_sick_child_does_not_hold_up_the_others(stage: Stage) -> None:
    stage.client.failures["data-service"] = [UnreachableError("reset")] * 9
    manifests = [manifest for manifest in children(make_system()).values() if manifest["kind"] == "Service"]
    with pytest.raises(UnreachableError):
        await stage.writer.apply(OWNER, manifests)
    assert {name for _, name in stage.client.objects} == {"redis-service", "signal-service"}


async def test_children_of_an_owner_that_is_gone_are_not_made_again(stage: Stage) -> None:
    settled = Owner(KEY, "uid-of-desk", "desk", settled=True)
    with pytest.raises(OwnerGoneError):
        await stage.writer.apply(settled, [SERVICE])
    assert stage.client.writes == []
    stage.client.objects["TradingSystem", "desk"] = system_body()
    await stage.writer.apply(settled, [SERVICE])
    assert stage.client.writes == ["apply Service/data-service"]


async def test_fields_of_a_restored_child_become_ours_alone(stage: Stage) -> None:
    stripped = copy.deepcopy(SERVICE)
    del stripped["metadata"]["ownerReferences"]
    stage.exists(stripped)
    fields = {"f:spec": {"f:type": {}}}
    managed = [
        {"manager": "velero", "operation": "Update", "fieldsV1": fields},
        {"manager": "trading-operator", "operation": "Apply", "fieldsV1": fields},
    ]
    restored = copy.deepcopy(SERVICE)
    restored["metadata"]["managedFields"] = managed  # as the API server answers
    await stage.writer.apply(OWNER, [restored])
    assert stage.client.writes == ["apply Service/data-service force", "managers Service/data-service 1"]


async def test_own_write_whose_answer_was_lost_is_no_drift(stage: Stage) -> None:
    stage.client.objects["Service", "data-service"] = as_seen(SERVICE)
    outcome = await stage.writer.apply(OWNER, [SERVICE])
    assert (outcome.writes, stage.client.writes, stage.told.reasons) == (0, [], [])


async def test_child_of_a_kind_that_is_not_served_is_left_out_and_named(stage: Stage) -> None:
    stage.capabilities.note(NETWORK_POLICY, served=False)
    policy = {**copy.deepcopy(SERVICE), "apiVersion": NETWORK_POLICY.api_version, "kind": NETWORK_POLICY.kind}
    outcome = await stage.writer.apply(OWNER, [policy, SERVICE])
    assert stage.client.writes == ["apply Service/data-service"]
    assert outcome.unserved == {NETWORK_POLICY}


async def test_child_that_nothing_asks_for_is_removed(stage: Stage) -> None:
    stage.exists(SERVICE)
    assert await stage.writer.prune(OWNER, set()) == 1
    assert stage.client.writes == ["delete Service/data-service"]
    assert stage.told.reasons == [reasons.PRUNED]


async def test_removal_that_conflicts_is_tried_again_and_one_of_what_is_gone_is_not(stage: Stage) -> None:
    stage.exists(SERVICE)
    stage.client.failures["data-service"] = [ConflictError(409, "try again"), NotFoundError(404, "gone")]
    with pytest.raises(ConflictError):
        await stage.writer.prune(OWNER, set())
    await stage.writer.prune(OWNER, set())
    assert stage.told.reasons == []


async def test_child_that_is_asked_for_stays(stage: Stage) -> None:
    stage.exists(SERVICE)
    assert await stage.writer.prune(OWNER, {child_key(SERVICE)}) == 0


async def test_child_of_an_earlier_object_of_that_name_is_garbage_collections(stage: Stage) -> None:
    stage.exists(SERVICE)
    assert await stage.writer.prune(Owner(KEY, "a new uid", "desk"), set()) == 0


async def test_data_is_removed_only_with_the_annotation(stage: Stage) -> None:
    stage.exists(CLAIM)
    assert await stage.writer.prune(OWNER, set()) == 0
    assert stage.told.reasons == [reasons.PRUNE_WITHHELD]
    allowed = copy.deepcopy(CLAIM)
    allowed["metadata"]["annotations"][labels.ALLOW_PRUNE] = "true"
    stage.exists(allowed)
    assert await stage.writer.prune(OWNER, set()) == 1
