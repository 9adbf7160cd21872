"""`trading-operator run`: the operator. `trading-operator render FILE…`: what it would make, without a cluster."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from trading_operator.catalog import RELEASE
from trading_operator.errors import SettingsError
from trading_operator.logs import configure_logging
from trading_operator.settings import Settings, read_settings

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return the exit code: 0, 1 for objects that cannot be rendered, 2 for unusable input."""
    options = _parser().parse_args(arguments)
    try:
        settings = read_settings(os.environ)
        if options.command == "render":
            return _render(options.files, settings)
        configure_logging(settings.log_level)
        asyncio.run(_run(settings))
    except SettingsError as error:
        sys.stderr.write(f"trading-operator: {error}\n")
        return 2
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trading-operator", description=__doc__)
    parser.add_argument("--version", action="version", version=RELEASE)
    parser.set_defaults(command="run")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="run the operator (the default)")
    render = commands.add_parser("render", help="print the children that objects in files would get")
    render.add_argument("files", nargs="+", type=Path, metavar="FILE", help="YAML files; - for the standard input")
    return parser


def _render(files: list[Path], settings: Settings) -> int:
    from trading_operator.render import render_files  # noqa: PLC0415 - each command loads what it needs

    code = render_files(files, settings.catalog, sys.stdout, sys.stderr)
    sys.stdout.flush()
    return code


async def _run(settings: Settings) -> None:
    from trading_operator.cluster.credentials import load_credentials  # noqa: PLC0415 - each command loads what it needs
    from trading_operator.cluster.watchsession import Pulse  # noqa: PLC0415 - the same
    from trading_operator.handlers.process import follow_objects  # noqa: PLC0415 - the same
    from trading_operator.operation import operate  # noqa: PLC0415 - the same
    from trading_operator.stock import Stock  # noqa: PLC0415 - the same

    async def follow(stock: Stock, pulses: Sequence[Pulse]) -> None:
        await follow_objects(stock, pulses, load_credentials, settings.namespaces, settings.selector)

    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    log.info("starting", extra={"release": RELEASE, "namespaces": ",".join(settings.namespaces) or "all"})
    await operate(settings, load_credentials(), follow, stopping)
    log.info("stopped")


if __name__ == "__main__":
    sys.exit(main())
