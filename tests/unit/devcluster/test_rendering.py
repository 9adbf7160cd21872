"""What is written for the programs of a node, before any of them runs."""

import json
import tomllib
from pathlib import Path

import pytest
import yaml

from devcluster.addons import VOLUMES, render_addons, render_volumes
from devcluster.certificates import identities
from devcluster.controlplane import AUDIT_POLICY, api_server_command, controller_manager_command, etcd_command
from devcluster.instance import Instance, ports
from devcluster.network import render_cni
from devcluster.node import kubelet_command, kubelet_configuration, proxy_configuration
from devcluster.runtime import render_containerd
from devcluster.scratchimage import PAUSE_IMAGE

PROGRAMS = Path("/programs")
INSTANCE = Instance(name="test", root=Path("/cache folder"), slot=7, size="node")


def words(command: object) -> list[str]:
    assert isinstance(command, list)
    return [str(word) for word in command]


def test_without_a_node_the_api_server_listens_on_the_loopback_only() -> None:
    assert "--bind-address=127.0.0.1" in words(api_server_command(INSTANCE, PROGRAMS, with_node=False))


def test_with_a_node_the_api_server_advertises_its_end_of_the_cable() -> None:
    assert "--advertise-address=10.213.7.1" in words(api_server_command(INSTANCE, PROGRAMS, with_node=True))


def test_the_api_server_records_who_did_what_once_per_request() -> None:
    policy = yaml.safe_load(AUDIT_POLICY)
    assert policy["rules"] == [{"level": "Metadata"}]
    assert policy["omitStages"] == ["RequestReceived"]
    log = "--audit-log-path=/cache folder/instances/test/log/audit.log"
    assert log in words(api_server_command(INSTANCE, PROGRAMS, with_node=False))


def test_no_two_programs_of_an_instance_share_a_port() -> None:
    assert "--listen-client-urls=http://127.0.0.1:21071" in words(etcd_command(INSTANCE, PROGRAMS))
    assert "--listen-peer-urls=http://127.0.0.1:21072" in words(etcd_command(INSTANCE, PROGRAMS))
    assert "--secure-port=21073" in words(controller_manager_command(INSTANCE, PROGRAMS))
    assert ports(7) == range(21070, 21080)


def test_the_api_server_is_named_by_every_address_that_clients_use() -> None:
    (server,) = (identity for identity in identities(INSTANCE) if identity.file == "apiserver")
    assert {"IP:127.0.0.1", "IP:10.96.0.1", "IP:10.213.7.1", "DNS:kubernetes.default.svc"} <= set(server.addresses)


def test_kubelet_is_the_node_that_it_says_it_is() -> None:
    (kubelet,) = (identity for identity in identities(INSTANCE) if identity.file == "kubelet")
    assert kubelet.subject == "/O=system:nodes/CN=system:node:devcluster-test"
    assert "--hostname-override=devcluster-test" in words(kubelet_command(INSTANCE, PROGRAMS))


def test_kubelet_keeps_pods_in_the_control_group_of_its_instance() -> None:
    assert kubelet_configuration(INSTANCE)["cgroupRoot"] == "/devcluster-test"


def test_kubelet_never_deletes_an_image_that_cannot_be_pulled_again() -> None:
    assert kubelet_configuration(INSTANCE)["imageGCHighThresholdPercent"] == 100


def test_kube_proxy_knows_the_pods_of_its_own_instance() -> None:
    assert proxy_configuration(INSTANCE)["clusterCIDR"] == "10.214.7.0/24"


def test_pods_get_addresses_of_the_instance() -> None:
    (plugin,) = json.loads(render_cni(INSTANCE))["plugins"]
    assert plugin["ipam"]["ranges"] == [[{"subnet": "10.214.7.0/24"}]]


def test_containerd_reads_what_is_written_for_it() -> None:
    config = tomllib.loads(render_containerd(INSTANCE))
    assert config["root"] == "/cache folder/instances/test/containerd"
    assert config["plugins"]["io.containerd.grpc.v1.cri"]["sandbox_image"] == PAUSE_IMAGE


def test_every_add_on_is_a_complete_manifest() -> None:
    documents = list(yaml.safe_load_all(render_addons()))
    assert all(document["apiVersion"] and document["kind"] and document["metadata"]["name"] for document in documents)
    assert {"Deployment", "APIService", "StorageClass"} <= {document["kind"] for document in documents}


@pytest.mark.parametrize("name", ["coredns", "metrics-server"])
def test_add_ons_run_without_rights(name: str) -> None:
    documents = yaml.safe_load_all(render_addons([name]))
    (deployment,) = (document for document in documents if document["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert deployment["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_cluster_dns_has_the_address_that_kubelet_tells_pods() -> None:
    documents = yaml.safe_load_all(render_addons(["coredns"]))
    (service,) = (document for document in documents if document["kind"] == "Service")
    assert [service["spec"]["clusterIP"]] == kubelet_configuration(INSTANCE)["clusterDNS"]


def test_each_volume_has_a_folder_of_its_own_on_the_node() -> None:
    volumes = list(yaml.safe_load_all(render_volumes(INSTANCE)))
    assert len({volume["spec"]["local"]["path"] for volume in volumes}) == VOLUMES
    assert volumes[0]["spec"]["local"]["path"] == "/cache folder/instances/test/volumes/local-01"
