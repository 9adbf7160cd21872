from tests.unit.operator.factories import children, make_system


def test_storage_is_a_claim_of_its_own_that_the_pod_mounts() -> None:
    found = children(make_system(redis={"managed": {"storage": {"size": "2Gi", "storageClassName": "fast"}}}))
    claim = found["PersistentVolumeClaim/redis-service"]["spec"]
    assert claim["resources"]["requests"] == {"storage": "2Gi"}
    assert claim["storageClassName"] == "fast"
    volumes = found["StatefulSet/redis-service"]["spec"]["template"]["spec"]["volumes"]
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "redis-service"}} in volumes
    assert "volumeClaimTemplates" not in found["StatefulSet/redis-service"]["spec"]


def test_without_storage_the_data_lives_as_long_as_the_pod() -> None:
    found = children(make_system(redis={"managed": {}}))
    assert "PersistentVolumeClaim/redis-service" not in found
    assert {"name": "data", "emptyDir": {}} in found["StatefulSet/redis-service"]["spec"]["template"]["spec"]["volumes"]


def test_redis_appends_to_a_file_and_evicts_nothing() -> None:
    (container,) = children(make_system())["StatefulSet/redis-service"]["spec"]["template"]["spec"]["containers"]
    arguments = dict(zip(container["args"][::2], container["args"][1::2], strict=True))
    assert arguments["--appendonly"] == "yes"
    assert arguments["--maxmemory-policy"] == "noeviction"
    assert arguments["--save"] == ""
    assert container["readinessProbe"]["exec"]["command"][0] == "sh"
