"""The cluster that is built from the Go modules of Kubernetes and runs on this machine."""

import json
import shlex
import shutil
from contextlib import suppress
from pathlib import Path

from devcluster import namespaces, prerequisites
from devcluster.addons import install_addons
from devcluster.binaries import PROGRAMS, build_key, ensure_programs, programs_folder
from devcluster.cgroups import remove_cgroups
from devcluster.clients import ensure_clients
from devcluster.commands import wait_until
from devcluster.controlplane import start_control_plane, wait_for_controllers
from devcluster.errors import DevclusterError, ProgramDiedError, UnsupportedError
from devcluster.images import archive_of
from devcluster.instance import Instance, all_instances, choose_slot, load_instance
from devcluster.kubectl import Kubectl
from devcluster.locking import exclusive
from devcluster.network import disconnect, routes_of_this_machine, slot_is_free
from devcluster.node import prepare_node, start_node
from devcluster.process import read_stat
from devcluster.progress import say, step
from devcluster.runtime import import_archive

READY = "ready"


def up(root: Path, name: str, size: str) -> Instance:
    """Bring an instance up and return it; a healthy one is left alone, a stale one is removed first."""
    with exclusive(root / "locks", f"instance-{name}"):
        present = load_instance(root, name)
        if present and is_running(present):
            _require_size(present, size)
            say(f"{name} is already up.")
            return present
        if (root / "instances" / name).exists():
            say(f"  {name} is there but not whole: it is removed first")
            remove(root, name)
        _ensure_machine(size)
        programs = ensure_programs(root, PROGRAMS[size])
        clients = ensure_clients(root)
        instance = claim(root, name, size)
        try:
            _start(instance, programs, clients)
        except DevclusterError as error:
            raise type(error)(f"{error}\nThe logs are in {instance.folder / 'log'}.") from error
        (instance.folder / READY).write_text(build_key())
        return instance


def down(root: Path, name: str) -> bool:
    """Remove an instance with everything it has made; tell whether there was one."""
    with exclusive(root / "locks", f"instance-{name}"):
        return remove(root, name)


def load_image(root: Path, name: str, image: str) -> None:
    """Load an image into a running node, unless it is there already."""
    with exclusive(root / "locks", f"instance-{name}"):
        instance = load_instance(root, name)
        if instance is None or not is_running(instance) or instance.size != "node":
            raise UnsupportedError(f'Image "{image}": "{name}" is no node that runs; `devcluster up --name {name}`.')
        identity, archive = archive_of(root, image)
        record = instance.folder / "images.json"
        loaded: dict[str, str] = json.loads(record.read_text()) if record.exists() else {}
        if loaded.get(image) == identity:
            say(f"{image} is already loaded.")
            return
        with step(f"loading {image}"):
            import_archive(instance, archive)
        record.write_text(json.dumps(loaded | {image: identity}))


def describe(root: Path, name: str) -> dict[str, str]:
    """Return what there is to know about an instance."""
    facts = {"backend": "home-built", "programs": str(programs_folder(root)), "build": build_key()}
    instance = load_instance(root, name)
    if instance is None:
        return facts | {"state": "not there"}
    processes = instance.processes()
    alive = ", ".join(f"{process.name} ({pid})" for process in processes if (pid := process.pid()))
    ended = ", ".join(process.name for process in processes if process.pid() is None)
    return facts | {
        "state": "up" if is_running(instance) else "not whole: `up` makes it anew, `down` removes it",
        "size": instance.size,
        "kubeconfig": str(instance.kubeconfig),
        "folder": str(instance.folder),
        "API server": f"https://127.0.0.1:{instance.api_port}",
        "running": alive or "nothing",
        "ended": ended or "nothing",
        "shell in node": _shell(instance),
    }


def _shell(instance: Instance) -> str:
    try:
        return shlex.join(str(word) for word in namespaces.inside(instance, ["bash"]))
    except ProgramDiedError:
        return "no node runs"


def is_running(instance: Instance) -> bool:
    """Tell whether an instance came up and every one of its programs still runs."""
    ready = (instance.folder / READY).exists()
    return ready and all(process.pid() is not None for process in instance.processes())


def claim(root: Path, name: str, size: str) -> Instance:
    """Give an instance its slot and record it."""
    with exclusive(root / "locks", "slots"):
        taken = {other.slot for other in all_instances(root)}
        routes = routes_of_this_machine()
        slot = choose_slot(name, taken, lambda candidate: slot_is_free(candidate, routes))
        instance = Instance(name=name, root=root, slot=slot, size=size)
        instance.save()
    instance.folder.chmod(0o700)
    return instance


def remove(root: Path, name: str) -> bool:
    """Stop what runs of an instance, in reverse order of start, and delete its folder."""
    instance = load_instance(root, name)
    folder = root / "instances" / name
    if instance is None:
        # Without a record nothing was started yet: the record comes first.
        shutil.rmtree(folder, ignore_errors=True)
        return False
    with step(f"removing {name}"):
        _stop_node(instance)
        for process in reversed(instance.processes()):
            # At once: what they would save is deleted with the folder.
            process.stop(grace_seconds=0)
        disconnect(instance)
        remove_cgroups(instance)
        shutil.rmtree(folder)
    return True


def _start(instance: Instance, programs: Path, clients: Path) -> None:
    kubectl = Kubectl(clients, instance.kubeconfig)
    with_node = instance.size == "node"
    if with_node:
        prepare_node(instance, programs)
    start_control_plane(instance, programs, with_node=with_node)
    if with_node:
        start_node(instance, programs)
        install_addons(instance, kubectl)
    wait_for_controllers(instance, kubectl)


def _stop_node(instance: Instance) -> None:
    """End the process that holds the node, and wait until the kernel has ended everything in it."""
    holder = namespaces.holder(instance)
    first: int | None = None
    if holder.pid() is not None:
        with suppress(ProgramDiedError):
            first = namespaces.first_pid(instance)
    began = read_stat(first) if first else None
    holder.stop(grace_seconds=0)
    if first and began:

        def is_gone() -> bool:
            now = read_stat(first)
            return now is None or now.started_ticks != began.started_ticks

        wait_until(is_gone, what=f"Process {first}, the first of {instance.node_name}: gone", seconds=30)


def _require_size(present: Instance, size: str) -> None:
    if size == "node" and present.size != "node":
        raise DevclusterError(
            f'Instance "{present.name}" is up as a {present.size}, expected a node: take it down first '
            f"(`devcluster down --name {present.name}`), or choose another --name."
        )


def _ensure_machine(size: str) -> None:
    if size == "node":
        prerequisites.ensure("A node", prerequisites.NODE, as_root=True)
    else:
        prerequisites.ensure("A control plane", prerequisites.CONTROL_PLANE, as_root=False)
