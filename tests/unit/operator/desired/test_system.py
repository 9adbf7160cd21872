import base64
import json

from tests.unit.operator.factories import CATALOG, TOKEN, accepted, by_name, children, make_strategy, make_system
from trading_operator import labels
from trading_operator.desired.children import desired_system
from trading_operator.desired.configuration import strategy_document


def test_every_child_is_owned_labelled_and_in_the_namespace() -> None:
    for name, manifest in children(make_system()).items():
        metadata = manifest["metadata"]
        (reference,) = metadata["ownerReferences"]
        assert (reference["kind"], reference["uid"], reference["controller"]) == (
            "TradingSystem",
            "uid-of-desk",
            True,
        ), name
        assert reference["blockOwnerDeletion"] is True
        assert metadata["namespace"] == "trading"
        assert metadata["labels"][labels.MANAGED_BY] == labels.MANAGER
        assert metadata["labels"][labels.SYSTEM] == "desk"
        assert metadata["annotations"][labels.APPLIED]


def test_labels_of_the_parent_are_not_copied() -> None:
    system = make_system()
    marked = system.model_copy(
        update={"metadata": system.metadata.model_copy(update={"labels": {"argocd.argoproj.io/instance": "x"}})}
    )
    assert children(marked) == children(system)


def test_disabled_service_has_no_children() -> None:
    found = children(make_system(services={"data": {"enabled": False}}))
    assert [name for name in found if "data-service" in name] == []
    assert "Deployment/signal-service" in found


def test_replicas_are_as_asked_up_to_what_this_release_runs() -> None:
    def replicas(asked: int | None) -> int:
        service = {} if asked is None else {"replicas": asked}
        found = children(make_system(services={"signal": service}))
        return int(found["Deployment/signal-service"]["spec"]["replicas"])

    assert [replicas(None), replicas(0), replicas(1), replicas(5)] == [1, 0, 1, 1]


def test_pool_has_each_strategy_and_the_kill_switch() -> None:
    system = make_system(trading={"state": "Halted"})
    strategy = make_strategy(state="Paused")
    document = strategy_document(strategy, accepted(strategy).revision)
    pool = by_name(desired_system(system, [document], CATALOG, TOKEN))["ConfigMap/signal-service"]["data"]
    assert json.loads(pool["trading_state.json"]) == {"trading": "Halted"}
    written = json.loads(pool["alpha.json"])
    assert written["uid"] == "uid-of-alpha"
    assert written["spec"]["state"] == "Paused"
    assert "mode" not in written["spec"], "what the user did not write is not written for them"


def test_sources_are_a_file_and_restart_no_pod() -> None:
    other = [{"name": "other", "replay": {"barsPerSecond": "9"}}]
    one, two = children(make_system()), children(make_system(services={"data": {"sources": other}}))
    assert json.loads(two["ConfigMap/data-service"]["data"]["system.json"])["sources"][0]["name"] == "other"
    assert one["Deployment/data-service"] == two["Deployment/data-service"]


def test_secret_has_the_token_and_its_hash_does_not_tell_it() -> None:
    system = make_system()
    one = by_name(desired_system(system, [], CATALOG, "one"))["Secret/trading-internal"]
    two = by_name(desired_system(system, [], CATALOG, "two"))["Secret/trading-internal"]
    assert base64.b64decode(one["data"]["token"]) == b"one"
    assert one["metadata"]["annotations"] == two["metadata"]["annotations"]


def test_same_object_gives_the_same_children() -> None:
    assert desired_system(make_system(), [], CATALOG, TOKEN) == desired_system(make_system(), [], CATALOG, TOKEN)


def test_images_of_the_object_win_over_the_catalog() -> None:
    found = children(make_system(images={"tag": "2", "pullPolicy": "Always", "pullSecrets": ["door"]}))
    spec = found["Deployment/data-service"]["spec"]["template"]["spec"]
    assert spec["containers"][0]["image"] == "registry.example/workload:2"
    assert spec["containers"][0]["imagePullPolicy"] == "Always"
    assert spec["imagePullSecrets"] == [{"name": "door"}]
