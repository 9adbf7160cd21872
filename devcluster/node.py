"""The node: the programs that run pods, inside namespaces of their own, beside the control plane on this machine."""

import json
from pathlib import Path

from devcluster.cgroups import cgroup_name, make_cgroups
from devcluster.commands import Command
from devcluster.instance import SERVICE_SUBNET, Instance
from devcluster.kubeconfig import component_kubeconfig
from devcluster.namespaces import inside, open_namespaces
from devcluster.network import connect
from devcluster.progress import step
from devcluster.runtime import SOCKET, import_archive, start_containerd
from devcluster.scratchimage import ensure_program_images

CLUSTER_DNS = SERVICE_SUBNET[10]


def prepare_node(instance: Instance, programs: Path) -> None:
    """Open the node's namespaces and lay the cable to it, which the API server is to be reached by."""
    with step("the node's namespaces and network"):
        open_namespaces(instance, programs)
        connect(instance)
        make_cgroups(instance)


def start_node(instance: Instance, programs: Path) -> None:
    """Start everything that runs in the node, once the API server is ready."""
    with step("containerd and the node's own images"):
        start_containerd(instance)
        for archive in ensure_program_images(programs):
            import_archive(instance, archive)
    folder = instance.folder
    # Pods that take the node's resolver get one that answers nothing: there is no way out of the node.
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    _write(folder / "kubelet.json", kubelet_configuration(instance))
    _write(folder / "kube-proxy.json", proxy_configuration(instance))
    instance.process("kubelet").start(inside(instance, kubelet_command(instance, programs)))
    instance.process("kube-proxy").start(inside(instance, proxy_command(instance, programs)))


def kubelet_command(instance: Instance, programs: Path) -> Command:
    """Return the command of kubelet."""
    return [
        programs / "kubelet",
        f"--config={instance.folder / 'kubelet.json'}",
        f"--kubeconfig={component_kubeconfig(instance, 'kubelet')}",
        f"--hostname-override={instance.node_name}",
        f"--node-ip={instance.node_address}",
        f"--root-dir={instance.folder / 'kubelet'}",
        f"--cert-dir={instance.folder / 'kubelet' / 'pki'}",
    ]


def kubelet_configuration(instance: Instance) -> dict[str, object]:
    """Return the configuration of kubelet, for machines with either version of control groups."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(instance.pki / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(instance.pki / "kubelet.crt"),
        "tlsPrivateKeyFile": str(instance.pki / "kubelet.key"),
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroup_name(instance)}",
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        # Kernel settings and limits that a container's root may not change: try, and go on.
        "featureGates": {"KubeletInUserNamespace": True},
        # Images come by hand and cannot be pulled again: never delete one.
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"memory.available": "100Mi"},
        "clusterDNS": [str(CLUSTER_DNS)],
        "clusterDomain": "cluster.local",
        "resolvConf": str(instance.folder / "resolv.conf"),
        "podLogsDir": str(instance.folder / "pod-logs"),
        "maxPods": 200,
        # Fast enough for a test that waits for a changed ConfigMap.
        "syncFrequency": "10s",
    }


def proxy_command(instance: Instance, programs: Path) -> Command:
    """Return the command of kube-proxy."""
    return [programs / "kube-proxy", f"--config={instance.folder / 'kube-proxy.json'}"]


def proxy_configuration(instance: Instance) -> dict[str, object]:
    """Return the configuration of kube-proxy; the kernel's limits on connections stay as they are."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clusterCIDR": str(instance.pod_subnet),
        "hostnameOverride": instance.node_name,
        "clientConnection": {"kubeconfig": str(component_kubeconfig(instance, "proxy"))},
        "conntrack": {"maxPerCore": 0, "min": 0},
    }


def _write(file: Path, content: dict[str, object]) -> None:
    file.write_text(json.dumps(content, indent=1) + "\n")
