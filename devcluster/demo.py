"""The demo: from a bare checkout to signals, `python -m devcluster.demo up|down|shell [--name NAME]`."""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from devcluster.backend import External, choose_backend, kubectl_for
from devcluster.errors import CommandError, DevclusterError, NotReadyError
from devcluster.images import IMAGES, build_images
from devcluster.instance import cache_root, check_name
from devcluster.kubectl import Kubectl
from devcluster.progress import Ticker, say, step

NAMESPACE: Final = "signal-trading"
RELEASE: Final = "trading-operator"
CHART: Final = Path("charts/trading-operator")
QUICKSTART: Final = Path("examples/quickstart.yaml")
READY_SECONDS: Final = 300.0
SIGNALS_SHOWN: Final = 10
WIDTH_OF_A_FILE: Final = 150


def main() -> int:
    """Carry out one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="devcluster.demo", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "shell"))
    parser.add_argument("--name", default="demo", help="the instance of devcluster (default: demo)")
    options = parser.parse_args()
    try:
        {"up": up, "down": down, "shell": shell}[options.command](check_name(options.name))
    except DevclusterError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: interrupted; `make demo` goes on, `make demo-down` removes what is there.", file=sys.stderr)
        return 130
    return 0


def up(name: str) -> None:
    """Bring everything up and show signals."""
    say("1/4 cluster")
    cluster = choose_backend(cache_root(), name)
    cluster.up("node")
    kubectl = kubectl_for(name)
    if isinstance(cluster, External):
        say("2/4 images: the cluster is yours, it pulls what the chart's values name")
    else:
        say("2/4 images")
        build_images(cache_root(), IMAGES)
        for image in IMAGES.values():
            cluster.load_image(image)
    say("3/4 operator and quickstart")
    install(kubectl)
    say("4/4 signals")
    wait_for_signals(kubectl)
    show(kubectl)


def install(kubectl: Kubectl) -> None:
    """Install the chart and apply the quickstart, in a namespace that admits only restricted pods."""
    with step("installing the chart charts/trading-operator"):
        enforce = "pod-security.kubernetes.io/enforce=restricted"
        if kubectl.find("namespace", NAMESPACE) is None:
            kubectl("create", "namespace", NAMESPACE)
        kubectl("label", "namespace", NAMESPACE, enforce, "--overwrite")
        kubectl.helm("upgrade", "--install", RELEASE, CHART, "--namespace", NAMESPACE, "--wait", "--timeout", "3m")
    with step(f"applying {QUICKSTART}"):
        kubectl("apply", "--server-side", "--force-conflicts", "--filename", QUICKSTART)


def wait_for_signals(kubectl: Kubectl) -> None:
    """Wait until the system and its strategies are Ready and each strategy has signalled."""
    deadline = time.monotonic() + READY_SECONDS
    ticker = Ticker("waiting", sys.stdout)
    while True:
        objects = kubectl.get("tradingsystems,strategies", "--namespace", NAMESPACE)["items"]
        waiting = [text for document in objects if (text := _waits_for(document))]
        if not waiting:
            ticker.close()
            return
        if time.monotonic() > deadline:
            ticker.close()
            raise NotReadyError(
                f"after {READY_SECONDS:.0f} s: {'; '.join(waiting)}. "
                f"`make shell`, then `kubectl describe tradingsystems,strategies -n {NAMESPACE}` says more."
            )
        ticker.tick("; ".join(waiting))
        time.sleep(1)


def _waits_for(document: dict[str, Any]) -> str:
    status: dict[str, Any] = document.get("status", {})
    ready: dict[str, str] = next((found for found in status.get("conditions", []) if found["type"] == "Ready"), {})
    name = document["metadata"]["name"]
    if ready.get("status") != "True":
        return f"{name} is {ready.get('reason', 'new')}"
    if document["kind"] == "Strategy" and not status.get("lastSignalText"):
        return f"{name} has no signal yet"
    return ""


def show(kubectl: Kubectl) -> None:
    """Print what a user would look at first: the objects, the newest signals, and where to look further."""
    say("\n$ kubectl get tradingsystems,strategies -n " + NAMESPACE)
    say(kubectl("get", "tradingsystems,strategies", "--namespace", NAMESPACE))
    path = f"/api/v1/signals?limit={SIGNALS_SHOWN}"
    say(f"$ GET {path}   (signal-service)")
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH_OF_A_FILE)
    console.print(signal_table(kubectl.service(NAMESPACE, "signal-service", path)["signals"]))
    say(
        "Look further:\n"
        "  make shell                                            a shell with kubectl, helm and KUBECONFIG\n"
        f"  kubectl get strategies -n {NAMESPACE} --watch         signals as they come\n"
        f"  kubectl describe strategy dip-buyer -n {NAMESPACE}    conditions, expanded rules, revision\n"
        "  make demo-down                                         remove all of it"
    )


def signal_table(signals: list[dict[str, Any]]) -> Table:
    """Return signals as a table, each with the rule that fired and the values that it saw."""
    table = Table("BAR CLOSE (UTC)", "STRATEGY", "SYMBOL", "ACTION", "STRENGTH", "PRICE", "WHY", title="newest signals")
    for signal in signals:
        reason = signal["reason"]
        values = ", ".join(f"{name} = {value:.4g}" for name, value in reason["values"].items() if value is not None)
        strength = "" if signal["strength"] is None else f"{signal['strength']:.2f}"
        why = f"{reason['rule']}: {values}"
        closed = signal["barClose"].replace("T", " ").removesuffix(":00Z")
        cells = (closed, signal["strategy"], signal["symbol"], signal["action"], strength)
        table.add_row(*cells, f"{signal['referencePrice']:.2f}", why)
    return table


def down(name: str) -> None:
    """Remove the demo: the cluster that it made, or the release and its namespace on a cluster of the user's."""
    cluster = choose_backend(cache_root(), name)
    if not isinstance(cluster, External):
        cluster.down()
        return
    kubectl = kubectl_for(name)
    with step("removing the quickstart, the chart and its definitions"):
        kubectl("delete", "--ignore-not-found", "--filename", QUICKSTART)
        try:
            kubectl.helm("uninstall", RELEASE, "--namespace", NAMESPACE, "--ignore-not-found", "--wait")
        finally:
            kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")


def shell(name: str) -> None:
    """Replace this process by a shell that has kubectl and helm of the demo and its KUBECONFIG."""
    kubectl = kubectl_for(name)
    program = os.environ.get("SHELL", "/bin/sh")
    search = f"{kubectl.programs}{os.pathsep}{os.environ.get('PATH', '')}"
    say(f"KUBECONFIG={kubectl.kubeconfig}; leave with `exit`")
    try:
        os.execve(program, [program], {**os.environ, "KUBECONFIG": str(kubectl.kubeconfig), "PATH": search})  # noqa: S606 - the user's own shell
    except OSError as error:
        raise CommandError(f"Could not start {program}: {error.strerror}; set SHELL to the one you use.") from error


if __name__ == "__main__":
    sys.exit(main())
