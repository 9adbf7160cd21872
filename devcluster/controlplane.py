"""The control plane: etcd, API server, controller manager and scheduler, as processes of this machine.

They need no root and no network but the loopback. A node, where there is one, reaches the API server over its cable.
"""

import ssl
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

from devcluster.certificates import FRONT_PROXY, make_certificates
from devcluster.commands import Command, wait_until
from devcluster.instance import SERVICE_SUBNET, Instance
from devcluster.kubeconfig import component_kubeconfig, write_kubeconfigs
from devcluster.kubectl import Kubectl
from devcluster.progress import step

# An address for documentation (RFC 5737), never dialled: without a node all clients come over the loopback, which the
# API server refuses to advertise.
NOWHERE = "198.51.100.1"
AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
"""


def start_control_plane(instance: Instance, programs: Path, *, with_node: bool) -> None:
    """Start the control plane and return once the API server is ready."""
    with step("certificates"):
        make_certificates(instance)
        write_kubeconfigs(instance)
        (instance.folder / "audit-policy.yaml").write_text(AUDIT_POLICY)
    with step("etcd and API server"):
        instance.process("etcd").start(etcd_command(instance, programs))
        instance.process("kube-apiserver").start(api_server_command(instance, programs, with_node=with_node))
        _wait_for_api_server(instance)
    if with_node:
        instance.process("kube-scheduler").start(scheduler_command(instance, programs))
    instance.process("kube-controller-manager").start(controller_manager_command(instance, programs))


def etcd_command(instance: Instance, programs: Path) -> Command:
    """Return the command of etcd; it does not wait for the disk, since nothing here has to survive a power cut."""
    client, peer = f"http://127.0.0.1:{instance.port(1)}", f"http://127.0.0.1:{instance.port(2)}"
    return [
        programs / "etcd",
        f"--data-dir={instance.folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def api_server_command(instance: Instance, programs: Path, *, with_node: bool) -> Command:
    """Return the command of the API server.

    Without a node it listens on the loopback only. With one it listens on every address: the node's kubelet and pods
    come over the cable, this machine's clients over the loopback, and it takes one address or all of them.
    """
    pki, log = instance.pki, instance.folder / "log"
    reach = (
        ["--bind-address=0.0.0.0", f"--advertise-address={instance.host_address}"]
        if with_node
        else ["--bind-address=127.0.0.1", f"--advertise-address={NOWHERE}", "--endpoint-reconciler-type=none"]
    )
    return [
        programs / "kube-apiserver",
        *reach,
        f"--secure-port={instance.api_port}",
        f"--etcd-servers=http://127.0.0.1:{instance.port(1)}",
        f"--service-cluster-ip-range={SERVICE_SUBNET}",
        f"--tls-cert-file={pki / 'apiserver.crt'}",
        f"--tls-private-key-file={pki / 'apiserver.key'}",
        f"--client-ca-file={pki / 'ca.crt'}",
        "--authorization-mode=Node,RBAC",
        # The second one makes a test of the operator's rights stricter than most clusters are.
        "--enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement",
        "--allow-privileged=true",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={pki / 'service-accounts.key'}",
        f"--service-account-signing-key-file={pki / 'service-accounts.key'}",
        # To the kubelet, for logs and exec.
        f"--kubelet-certificate-authority={pki / 'ca.crt'}",
        f"--kubelet-client-certificate={pki / 'apiserver-kubelet-client.crt'}",
        f"--kubelet-client-key={pki / 'apiserver-kubelet-client.key'}",
        "--kubelet-preferred-address-types=InternalIP",
        # To metrics-server, at its pod's address, because this machine has no route to Service addresses.
        "--enable-aggregator-routing=true",
        f"--requestheader-client-ca-file={pki / 'ca.crt'}",
        f"--requestheader-allowed-names={FRONT_PROXY}",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={pki / 'front-proxy.crt'}",
        f"--proxy-client-key-file={pki / 'front-proxy.key'}",
        # For tests that count who wrote what: one file, which a rotation does not cut in the middle of a count.
        f"--audit-policy-file={instance.folder / 'audit-policy.yaml'}",
        f"--audit-log-path={log / 'audit.log'}",
        "--audit-log-maxsize=2000",
        "--audit-log-maxbackup=1",
    ]


def controller_manager_command(instance: Instance, programs: Path) -> Command:
    """Return the command of the controller manager, with autoscalers that look every five seconds instead of 15."""
    pki = instance.pki
    return [
        programs / "kube-controller-manager",
        *_as(instance, "controller-manager"),
        "--bind-address=127.0.0.1",
        f"--secure-port={instance.port(3)}",
        "--leader-elect=false",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={pki / 'service-accounts.key'}",
        f"--root-ca-file={pki / 'ca.crt'}",
        f"--cluster-signing-cert-file={pki / 'ca.crt'}",
        f"--cluster-signing-key-file={pki / 'ca.key'}",
        f"--requestheader-client-ca-file={pki / 'ca.crt'}",
        "--allocate-node-cidrs=false",
        "--horizontal-pod-autoscaler-sync-period=5s",
        # The default of 20 requests per second spreads its start over six seconds.
        "--kube-api-qps=200",
        "--kube-api-burst=400",
    ]


def scheduler_command(instance: Instance, programs: Path) -> Command:
    """Return the command of the scheduler."""
    return [
        programs / "kube-scheduler",
        *_as(instance, "scheduler"),
        "--bind-address=127.0.0.1",
        f"--secure-port={instance.port(4)}",
        "--leader-elect=false",
    ]


def _as(instance: Instance, identity: str) -> list[str]:
    file = component_kubeconfig(instance, identity)
    return [f"--kubeconfig={file}", f"--authentication-kubeconfig={file}", f"--authorization-kubeconfig={file}"]


def _wait_for_api_server(instance: Instance) -> None:
    def ready() -> bool:
        instance.process("etcd").require_alive()
        instance.process("kube-apiserver").require_alive()
        return api_server_is_ready(instance)

    wait_until(ready, what=f"API server on port {instance.api_port}: /readyz answers ok", seconds=120, every=0.2)


def wait_for_controllers(instance: Instance, kubectl: Kubectl) -> None:
    """Wait for the account that pods of the namespace default run as: made by the controllers, and among the last."""

    def made() -> bool:
        instance.process("kube-controller-manager").require_alive()
        return kubectl.find("serviceaccount/default", "--namespace=default") is not None

    with step("controllers"):
        wait_until(made, what="Service account default/default: made by the controllers", seconds=60, every=0.2)


def api_server_is_ready(instance: Instance) -> bool:
    """Tell whether the API server answers that it is ready."""
    try:
        trust = ssl.create_default_context(cafile=str(instance.pki / "ca.crt"))
        url = f"https://127.0.0.1:{instance.api_port}/readyz"
        with urllib.request.urlopen(url, context=trust, timeout=5) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, urllib.error.URLError):
        return False
