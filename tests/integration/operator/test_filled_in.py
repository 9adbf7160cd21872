"""What this API server fills in is known, of more than children have today: nothing of it counts as added."""

import json
from typing import Any, Final

import pytest

from devcluster.kubectl import Kubectl
from trading_operator.surplus import surplus_of

Document = dict[str, Any]

MARKS: Final = {"run": "probe"}
ITEMS: Final = [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
CLAIM: Final[Document] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
CONTAINER: Final[Document] = {
    "name": "probe",
    "image": "probe",
    "env": [
        {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
    ],
    "ports": [{"containerPort": 80}],
    "startupProbe": {"tcpSocket": {"port": 80}},
    "livenessProbe": {"grpc": {"port": 80}},
    "readinessProbe": {"httpGet": {"port": 80}},
    "lifecycle": {"preStop": {"httpGet": {"port": 80}}},
    "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
    "securityContext": {"capabilities": {"drop": ["ALL"]}},
}
SOURCES: Final = [
    {"serviceAccountToken": {"path": "token"}},
    {"configMap": {"name": "a"}},
    {"downwardAPI": {"items": ITEMS}},
]
POD: Final[Document] = {
    "containers": [CONTAINER],
    "initContainers": [{"name": "first", "image": "first:1", "restartPolicy": "Always"}],
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {}}
    ],
    "volumes": [
        {"name": "projected", "projected": {"sources": SOURCES}},
        {"name": "labels", "downwardAPI": {"items": ITEMS}},
        {"name": "settings", "configMap": {"name": "a"}},
        {"name": "secret", "secret": {"secretName": "a"}},
        {"name": "scratch", "emptyDir": {}},
        {"name": "host", "hostPath": {"path": "/a"}},
        {"name": "claim", "persistentVolumeClaim": {"claimName": "a"}},
        {"name": "own-claim", "ephemeral": {"volumeClaimTemplate": {"spec": CLAIM}}},
    ],
}


def workload(kind: str, **spec: Any) -> Document:
    template = {"metadata": {"labels": MARKS}, "spec": POD}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "spec": {"selector": {"matchLabels": MARKS}, "template": template, **spec},
    }


def service(**spec: Any) -> Document:
    return {"apiVersion": "v1", "kind": "Service", "spec": {"selector": MARKS, "ports": [{"port": 80}], **spec}}


MANIFESTS: Final = {
    "deployment": workload("Deployment"),
    "deployment-with-a-strategy": workload("Deployment", strategy={"rollingUpdate": {"maxSurge": 1}}),
    "stateful-set": workload("StatefulSet", serviceName="a"),
    "stateful-set-with-a-strategy": workload("StatefulSet", serviceName="a", updateStrategy={"type": "RollingUpdate"}),
    "stateful-set-with-claims": workload(
        "StatefulSet", serviceName="a", volumeClaimTemplates=[{"metadata": {"name": "a"}, "spec": CLAIM}]
    ),
    "service": service(),
    "headless": service(clusterIP="None"),
    "node-port": service(type="NodePort"),
    "load-balancer": service(type="LoadBalancer", externalTrafficPolicy="Local"),
    "affine": service(sessionAffinity="ClientIP"),
    "dual-stack": service(ipFamilyPolicy="PreferDualStack"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_what_the_api_server_fills_in_is_no_addition(api_server: Kubectl, name: str) -> None:
    manifest = {**MANIFESTS[name], "metadata": {"name": name, "namespace": "default"}}
    answer = api_server(
        "apply", "--server-side", "--dry-run=server", "--filename=-", "--output=json", text=json.dumps(manifest)
    )
    found = json.loads(answer)
    assert found["spec"] != manifest["spec"]
    assert surplus_of(manifest, found).paths == []
