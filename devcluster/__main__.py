"""The command line: `python -m devcluster <command> [--name NAME]`."""

import argparse
import signal
import sys
from collections.abc import Sequence

from devcluster import images
from devcluster.backend import choose_backend
from devcluster.binaries import PROGRAMS, ensure_programs
from devcluster.clients import ensure_clients
from devcluster.errors import DevclusterError
from devcluster.instance import all_instances, cache_root, check_name
from devcluster.progress import say

DEFAULT_NAME = "demo"


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        options.command(options)
    except DevclusterError as error:
        print(f"devcluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("devcluster: interrupted; `up` goes on, `down` removes what is there.", file=sys.stderr)
        return 130
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="devcluster", description="A Kubernetes for the demo, tests and development.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: object, text: str, *, named: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        if named:
            sub.add_argument("--name", default=DEFAULT_NAME, help=f"the instance (default: {DEFAULT_NAME})")
        return sub

    sized = (add("up", up, "Bring a cluster up."), add("build", build, "Build the programs only.", named=False))
    for sub in sized:
        sub.add_argument("--size", choices=sorted(PROGRAMS), default="node", help="node runs pods (default)")
    add("down", down, "Remove a cluster with everything it has made.")
    add("status", status, "Show where a cluster is, its versions and what runs.")
    add("kubeconfig", kubeconfig, "Print the path of the kubeconfig.")
    loading = add("load-image", load_image, "Make images of this machine known to a cluster.")
    loading.add_argument("images", nargs="+", metavar="IMAGE", help="such as localhost/trading-operator:dev")
    building = add("build-images", build_images, "Build the project's images.", named=False)
    building.add_argument("targets", nargs="*", metavar="TARGET", help=f"of: {', '.join(images.IMAGES)} (default: all)")
    return parser


def up(options: argparse.Namespace) -> None:
    choose_backend(cache_root(), check_name(options.name)).up(options.size)


def down(options: argparse.Namespace) -> None:
    choose_backend(cache_root(), check_name(options.name)).down()


def status(options: argparse.Namespace) -> None:
    root, clients = cache_root(), ensure_clients(cache_root())
    facts = choose_backend(root, check_name(options.name)).describe()
    others = ", ".join(instance.name for instance in all_instances(root))
    facts |= {"kubectl": str(clients / "kubectl"), "helm": str(clients / "helm"), "instances here": others or "none"}
    for label, value in facts.items():
        say(f"{label:<15} {value}")


def kubeconfig(options: argparse.Namespace) -> None:
    say(str(choose_backend(cache_root(), check_name(options.name)).kubeconfig()))


def build(options: argparse.Namespace) -> None:
    say(f"programs: {ensure_programs(cache_root(), PROGRAMS[options.size])}")
    say(f"clients: {ensure_clients(cache_root())}")


def load_image(options: argparse.Namespace) -> None:
    backend = choose_backend(cache_root(), check_name(options.name))
    for image in options.images:
        backend.load_image(image)


def build_images(options: argparse.Namespace) -> None:
    images.build_images(cache_root(), options.targets or list(images.IMAGES))


if __name__ == "__main__":
    # Asked to end, it ends what it has begun, as after Ctrl-C; by default it would just be gone.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
