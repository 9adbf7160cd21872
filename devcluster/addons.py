"""What every cluster is expected to have beside Kubernetes itself: DNS, metrics, a default StorageClass, volumes."""

from collections.abc import Iterable
from pathlib import Path
from string import Template

from devcluster.commands import wait_until
from devcluster.instance import Instance
from devcluster.kubectl import Kubectl
from devcluster.node import CLUSTER_DNS
from devcluster.progress import step
from devcluster.scratchimage import COREDNS_IMAGE, METRICS_IMAGE

MANIFESTS = Path(__file__).parent / "manifests"
# A released volume is not handed out again, so there are many: they cost a folder each.
VOLUMES = 60


def install_addons(instance: Instance, kubectl: Kubectl) -> None:
    """Apply the add-ons; return once the node is Ready and they are available."""
    with step("node Ready"):
        kubectl("apply", "--filename=-", text=render_addons())
        wait_for_node(instance, kubectl)
    with step(f"{VOLUMES} volumes"):
        make_volume_folders(instance)
        # Nothing of this kind exists yet, and create asks the server half as often as apply.
        kubectl("create", "--validate=ignore", "--filename=-", text=render_volumes(instance))
    with step("CoreDNS and metrics-server available"):
        _wait(kubectl, "--namespace=kube-system", "deployment/coredns")
        wait_for_metrics_server(kubectl)


def install_metrics_server(kubectl: Kubectl) -> None:
    """Apply metrics-server alone, for a cluster that has the rest; return once it is available."""
    with step("metrics-server available"):
        kubectl("apply", "--filename=-", text=render_addons(["metrics-server"]))
        wait_for_metrics_server(kubectl)


def wait_for_metrics_server(kubectl: Kubectl) -> None:
    """Wait until metrics-server serves, also through the API server."""
    _wait(kubectl, "--namespace=kube-system", "deployment/metrics-server")
    _wait(kubectl, "apiservice/v1beta1.metrics.k8s.io")


def wait_for_node(instance: Instance, kubectl: Kubectl) -> None:
    """Wait until the node has registered and is Ready; stop early when its programs died."""
    node = f"node/{instance.node_name}"
    condition = '-o=jsonpath={.status.conditions[?(@.type=="Ready")].status}'

    def is_ready() -> bool:
        for process in instance.processes():
            process.require_alive()
        return kubectl("get", node, "--ignore-not-found", condition).strip() == "True"

    wait_until(is_ready, what=f"{node}: Ready", seconds=120, every=0.3)


def render_addons(names: Iterable[str] = ("kube-proxy", "coredns", "metrics-server", "storage")) -> str:
    """Return the manifests of these add-ons."""
    values = {
        "coredns_image": COREDNS_IMAGE,
        "metrics_image": METRICS_IMAGE,
        "cluster_dns": str(CLUSTER_DNS),
    }
    return "---\n".join(Template((MANIFESTS / f"{name}.yaml").read_text()).substitute(values) for name in names)


def render_volumes(instance: Instance) -> str:
    """Return the manifests of the ready-made volumes."""
    template = Template((MANIFESTS / "volume.yaml").read_text())
    return "---\n".join(
        template.substitute(name=folder.name, path=f'"{folder}"', node=instance.node_name)
        for folder in volume_folders(instance)
    )


def volume_folders(instance: Instance) -> list[Path]:
    """Return the folders behind the volumes."""
    return [instance.folder / "volumes" / f"local-{number:02d}" for number in range(1, VOLUMES + 1)]


def make_volume_folders(instance: Instance) -> None:
    """Make the folders of the volumes, writable for whatever user a pod runs as."""
    for folder in volume_folders(instance):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o777)


def _wait(kubectl: Kubectl, *arguments: str) -> None:
    kubectl("wait", "--timeout=180s", "--for=condition=Available", *arguments)
