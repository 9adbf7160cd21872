"""Instances: clusters side by side on one machine, each with its own folder, ports and subnets.

Everything that two instances could fight over follows from one number, the slot. It is derived from the name, so that
an instance usually comes back where it was, moved on where the place is taken, and recorded in the instance's folder.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from devcluster.errors import DevclusterError
from devcluster.process import Process

SLOTS = 200
FIRST_PORT = 21000
PORTS_PER_SLOT = 10
SERVICE_SUBNET = IPv4Network("10.96.0.0/16")
NAME = re.compile(r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?")


def cache_root(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that holds everything devcluster writes: programs, images, instances."""
    base = environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "signal-trading-devcluster"


def ports(slot: int) -> range:
    """Return the ports of a slot: API server, etcd's two, controller manager, scheduler, and some to spare."""
    first = FIRST_PORT + slot * PORTS_PER_SLOT
    return range(first, first + PORTS_PER_SLOT)


def link_subnet(slot: int) -> IPv4Network:
    """Return the subnet of the cable between this machine and the slot's node."""
    return IPv4Network(f"10.213.{slot}.0/30")


def pod_subnet(slot: int) -> IPv4Network:
    """Return the subnet that the slot's pods get their addresses from."""
    return IPv4Network(f"10.214.{slot}.0/24")


@dataclass(frozen=True, slots=True)
class Instance:
    """One home-built cluster: where its files are and which addresses it has."""

    name: str
    root: Path
    slot: int
    size: str

    @property
    def folder(self) -> Path:
        return self.root / "instances" / self.name

    @property
    def node_name(self) -> str:
        return f"devcluster-{self.name}"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, with its certificates inside, for clients on this machine."""
        return self.folder / "kubeconfig"

    @property
    def pki(self) -> Path:
        return self.folder / "pki"

    def port(self, offset: int) -> int:
        return ports(self.slot)[offset]

    @property
    def api_port(self) -> int:
        return self.port(0)

    @property
    def host_link(self) -> str:
        """The host's end of the cable to the node; a device name has at most 15 characters."""
        return f"devcluster{self.slot}"

    @property
    def link_subnet(self) -> IPv4Network:
        return link_subnet(self.slot)

    @property
    def host_address(self) -> IPv4Address:
        return self.link_subnet[1]

    @property
    def node_address(self) -> IPv4Address:
        return self.link_subnet[2]

    @property
    def pod_subnet(self) -> IPv4Network:
        return pod_subnet(self.slot)

    def process(self, name: str) -> Process:
        return Process(name, self.folder / "run" / f"{name}.pid", self.folder / "log" / f"{name}.log")

    def processes(self) -> list[Process]:
        """Return every program that was started and not stopped, alive or not, in the order of their starts."""
        files = sorted((self.folder / "run").glob("*.pid"), key=lambda file: file.stat().st_mtime_ns)
        return [self.process(file.stem) for file in files]

    def save(self) -> None:
        """Record the slot and the size; written last-moment-safe, by rename."""
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.folder / "instance.json.new"
        new.write_text(json.dumps({"slot": self.slot, "size": self.size}))
        new.replace(self.folder / "instance.json")


def check_name(name: str) -> str:
    """Return the name of an instance if it can be part of a host name, else raise DevclusterError."""
    if not NAME.fullmatch(name):
        raise DevclusterError(
            f'--name "{name}": expected up to 30 lower-case letters, digits and "-", a letter first, no "-" last.'
        )
    return name


def load_instance(root: Path, name: str) -> Instance | None:
    """Return a recorded instance, or None where there is none or its record is not readable."""
    try:
        record = json.loads((root / "instances" / name / "instance.json").read_text())
        return Instance(name=name, root=root, slot=int(record["slot"]), size=str(record["size"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def all_instances(root: Path) -> Iterator[Instance]:
    """Yield every recorded instance by name."""
    for folder in sorted((root / "instances").glob("*/")):
        if instance := load_instance(root, folder.name):
            yield instance


def preferred_slot(name: str) -> int:
    """Return the slot that a name gets where nothing else has it; the same in every process and on every machine."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % SLOTS


def choose_slot(name: str, taken: Collection[int], usable: Callable[[int], bool]) -> int:
    """Return the first slot from the preferred one on that no other instance has and whose addresses are free."""
    first = preferred_slot(name)
    for offset in range(SLOTS):
        slot = (first + offset) % SLOTS
        if slot not in taken and usable(slot):
            return slot
    last_port = FIRST_PORT + SLOTS * PORTS_PER_SLOT - 1
    raise DevclusterError(
        f'Instance "{name}": none of the {SLOTS} slots is free (ports {FIRST_PORT} to {last_port}, subnets '
        f"10.213.0.0/16 and 10.214.0.0/16); free some ports, or take instances down (`devcluster status` lists them)."
    )
