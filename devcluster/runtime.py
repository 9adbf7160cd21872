"""containerd inside the node, and the images that it holds.

Its sockets and state are in the node's own /run; only images and snapshots are in the instance's folder.
"""

import json
from pathlib import Path

from devcluster.commands import run, succeeds, wait_until
from devcluster.instance import Instance
from devcluster.namespaces import inside
from devcluster.network import render_cni
from devcluster.scratchimage import PAUSE_IMAGE

SOCKET = "/run/containerd/containerd.sock"
# Where Debian's package containernetworking-plugins puts them.
CNI_PLUGINS = "/usr/lib/cni"
CONFIG = """\
version = 2
root = {root}
state = "/run/containerd"

[grpc]
address = "{socket}"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{pause}"
# A machine may lack the right to lower a process's score; without it no pod would start.
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{plugins}"
conf_dir = {cni}

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
"""


def render_containerd(instance: Instance) -> str:
    """Return the configuration of containerd."""
    return CONFIG.format(
        root=json.dumps(str(instance.folder / "containerd")),
        cni=json.dumps(str(instance.folder / "cni")),
        plugins=CNI_PLUGINS,
        pause=PAUSE_IMAGE,
        socket=SOCKET,
    )


def start_containerd(instance: Instance) -> None:
    """Start containerd in the node and return once it answers."""
    config, cni = instance.folder / "containerd.toml", instance.folder / "cni"
    cni.mkdir(exist_ok=True)
    (cni / "10-pods.conflist").write_text(render_cni(instance))
    config.write_text(render_containerd(instance))
    containerd = instance.process("containerd")
    containerd.start(inside(instance, ["containerd", "--config", config]))

    def answers() -> bool:
        containerd.require_alive()
        return succeeds(_ctr(instance, "version"))

    wait_until(answers, what=f"containerd of {instance.node_name}: answers", seconds=30)


def import_archive(instance: Instance, archive: Path) -> None:
    """Load the images of an archive into the node."""
    with archive.open("rb") as stream:
        run(_ctr(instance, "images", "import", "-"), purpose=f"load {archive.name} into the node", stdin=stream)


def _ctr(instance: Instance, *arguments: str) -> list[str | Path]:
    return inside(instance, ["ctr", "--address", SOCKET, "--namespace", "k8s.io", *arguments])
