"""The cable between this machine and a node, and the ways through it.

The node has a network of its own. One cable leads to this machine: the API server is at its near end, kubelet and pods
are behind its far end. Nothing else of the machine is reachable from pods, and the machine's own settings stay as they
are.
"""

import json
import socket
from contextlib import suppress
from ipaddress import IPv4Network

from devcluster.commands import run, succeeds
from devcluster.errors import CommandError
from devcluster.instance import Instance, link_subnet, pod_subnet, ports
from devcluster.namespaces import first_pid, inside

FAR_END = "eth0"


def connect(instance: Instance) -> None:
    """Lay the cable and set the routes on both ends."""
    near, far = instance.host_link, FAR_END
    prefix = instance.link_subnet.prefixlen
    _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", str(first_pid(instance)))
    _ip("address", "add", f"{instance.host_address}/{prefix}", "dev", near)
    _ip("link", "set", near, "up")
    _ip("route", "add", str(instance.pod_subnet), "via", str(instance.node_address), "dev", near)
    script = (
        f"ip address add {instance.node_address}/{prefix} dev {far} && ip link set {far} up && "
        f"ip route add default via {instance.host_address} && echo 1 > /proc/sys/net/ipv4/ip_forward"
    )
    run(inside(instance, ["/bin/sh", "-c", script]), purpose="set up the node's network")


def disconnect(instance: Instance) -> None:
    """Take the cable away, and with it both ends and their routes."""
    if succeeds(["ip", "link", "show", instance.host_link]):
        # The kernel takes it away by itself some time after the node's end: that may be just now.
        with suppress(CommandError):
            _ip("link", "delete", instance.host_link)


def render_cni(instance: Instance) -> str:
    """Return the CNI configuration: a cable of its own for each pod, with the node as the router between them.

    Not a bridge: on one, answers between neighbours bypass the node's address translation, unless the kernel has
    bridge filtering.
    """
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": str(instance.pod_subnet)}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    pods = {"type": "ptp", "ipMasq": False, "ipam": addresses}
    return json.dumps({"cniVersion": "0.4.0", "name": "pods", "plugins": [pods]}, indent=1)


def slot_is_free(slot: int, routes: list[IPv4Network]) -> bool:
    """Tell whether nothing on this machine has a port or a subnet of the slot."""
    if any(subnet.overlaps(route) for subnet in (link_subnet(slot), pod_subnet(slot)) for route in routes):
        return False
    return all(port_is_free(port) for port in ports(slot))


def routes_of_this_machine() -> list[IPv4Network]:
    """Return the subnets that this machine has a way to; none where it has no `ip` command to ask."""
    try:
        lines = json.loads(_ip("-4", "-json", "route", "show", "table", "all"))
    except (CommandError, ValueError):
        return []
    subnets = []
    for line in lines:
        # "default" overlaps with everything, and means: everything that has no way of its own.
        with suppress(ValueError):
            subnets.append(IPv4Network(line["dst"]))
    return subnets


def port_is_free(port: int) -> bool:
    """Tell whether a server can listen on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - the API server of a node listens on all addresses
        except OSError:
            return False
    return True


def _ip(*arguments: str) -> str:
    return run(["ip", *arguments], purpose="set up the network between this machine and the node")
