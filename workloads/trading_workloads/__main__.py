"""One entry point for every workload; each imports no more than it runs."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

SERVICES: Final = {
    "data": ("trading_workloads.services.data.server", "bring bars in and publish them"),
    "signal": ("trading_workloads.services.signal.server", "run the shared strategies and answer for signals"),
    "strategy": ("trading_workloads.runner.dedicated", "run the one strategy that the environment names"),
}
"""Long-running workloads: command to the module whose `main` it is, and what it does."""

UNUSABLE_INPUT: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the workload that the arguments name; return its exit code: 0, 1 for findings, 2 for unusable input."""
    chosen = _parser().parse_args(arguments)
    if chosen.command in SERVICES:
        service: Callable[[], object] = import_module(SERVICES[chosen.command][0]).main
        service()
        return 0
    return _run_offline(chosen)


def _run_offline(chosen: argparse.Namespace) -> int:
    from trading_workloads.offline.errors import InputError  # noqa: PLC0415 - services do not need it

    try:
        return _command(chosen)()
    except InputError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command for people
        return UNUSABLE_INPUT
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _command(chosen: argparse.Namespace) -> Callable[[], int]:
    if chosen.command == "run":
        from trading_workloads.offline.run import run  # noqa: PLC0415 - numpy, which explain does not need

        return lambda: run(chosen.strategy_file, chosen.strategy, chosen.bars, chosen.output)
    if chosen.command == "check":
        from trading_workloads.offline.check import check  # noqa: PLC0415 - as above

        return lambda: check(chosen.strategy_file, chosen.strategy, chosen.bars)
    from trading_workloads.offline.explain import explain  # noqa: PLC0415 - rich, which run does not need

    return lambda: explain(chosen.strategy_file, chosen.strategy, chosen.image)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trading-workloads", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, does) in SERVICES.items():
        commands.add_parser(name, help=f"service: {does}")
    run = _add_offline(commands, "run", "write the signals of a strategy over a file of bars")
    run.add_argument("--bars", type=Path, required=True, help="CSV or Parquet: time,symbol,open,high,low,close,volume")
    run.add_argument("--output", default="-", metavar="FILE", help="CSV of signals; - (the default): standard output")
    check = _add_offline(commands, "check", "check grammar, types, warm-up, truncation and recursion; 1 on a finding")
    check.add_argument("--bars", type=Path, help="bars to check truncation and recursion on")
    explain = _add_offline(commands, "explain", "show what the rules of a strategy mean")
    explain.add_argument("--image", default="", help="image of the workloads, which is part of the revision")
    return parser


def _add_offline(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, does: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
    command.add_argument("strategy_file", type=Path, metavar="STRATEGY.yaml", help="YAML with one or more strategies")
    command.add_argument("--strategy", metavar="NAME", help="which one, where the file has several")
    return command


if __name__ == "__main__":
    sys.exit(main())
