"""Kubeconfigs, with the certificates inside, so that a copied file still works."""

import base64
import json
import os
from pathlib import Path

from devcluster.instance import Instance


def render_kubeconfig(instance: Instance, identity: str, server: str) -> str:
    """Return the kubeconfig of one identity; JSON, which is YAML that needs no library to write."""
    name = instance.node_name
    cluster = {"server": server, "certificate-authority-data": _encoded(instance.pki / "ca.crt")}
    user = {
        "client-certificate-data": _encoded(instance.pki / f"{identity}.crt"),
        "client-key-data": _encoded(instance.pki / f"{identity}.key"),
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    return json.dumps(config, indent=1) + "\n"


def write_kubeconfigs(instance: Instance) -> None:
    """Write a kubeconfig for each part that speaks to the API server, and the administrator's."""
    on_host = f"https://127.0.0.1:{instance.api_port}"
    from_node = f"https://{instance.host_address}:{instance.api_port}"
    servers = {"controller-manager": on_host, "scheduler": on_host, "kubelet": from_node, "proxy": from_node}
    for identity, server in servers.items():
        _write(component_kubeconfig(instance, identity), render_kubeconfig(instance, identity, server))
    _write(instance.kubeconfig, render_kubeconfig(instance, "admin", on_host))


def component_kubeconfig(instance: Instance, identity: str) -> Path:
    """Return where the kubeconfig of a part of the cluster is."""
    return instance.pki / f"{identity}.kubeconfig"


def _write(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)


def _encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()
