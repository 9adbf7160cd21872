"""The node's own world: network, mounts, processes and host name, apart from the machine's.

One process holds it open. When that process dies the kernel ends every other process in it, and then takes its mounts
and its network away: nothing of a node can be left behind, however it came to its end.
"""

from pathlib import Path

from devcluster.commands import Command, wait_until
from devcluster.instance import Instance
from devcluster.process import Process, only_child

SETUP = Path(__file__).parent / "node-setup.sh"
HOLDER = "node"


def open_namespaces(instance: Instance, programs: Path) -> None:
    """Start the process that holds the node's namespaces open; return once they are set up."""
    ready = instance.folder / "run" / "node.ready"
    ready.unlink(missing_ok=True)
    holder(instance).start(
        [
            *("unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--propagation", "private", "--kill-child"),
            *("/bin/sh", SETUP, instance.root, instance.node_name, ready, programs / "pause"),
        ]
    )

    def is_set_up() -> bool:
        holder(instance).require_alive()
        return ready.exists()

    wait_until(is_set_up, what=f"Namespaces of {instance.node_name}: set up", seconds=10, every=0.02)


def holder(instance: Instance) -> Process:
    """Return the process whose end is the node's end."""
    return instance.process(HOLDER)


def first_pid(instance: Instance) -> int:
    """Return the pid, as this machine sees it, of process 1 of the node."""
    process = holder(instance)
    process.require_alive()
    return only_child(process.pid() or 0)


def inside(instance: Instance, command: Command) -> list[str | Path]:
    """Return the command that runs another one inside the node."""
    target = str(first_pid(instance))
    return ["nsenter", "--target", target, "--net", "--mount", "--pid", "--uts", "--ipc", "--", *command]
