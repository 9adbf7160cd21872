"""What of the benchmarks is run, and how thoroughly."""

import argparse
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 5
IDLE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The wishes of the command line."""

    bars: tuple[str, ...]
    """The bars to measure; empty for all."""
    rounds: int
    idle_seconds: float
    """How long it is watched that nothing is written while nothing changes."""
    keep_cluster: bool
    """Use the cluster of the last run, and leave it for the next one."""

    def wants(self, bar: str) -> bool:
        return not self.bars or bar in self.bars


def read_plan(arguments: Sequence[str], bars: Collection[str]) -> Plan:
    """Return what a command line asks for; end the program where it is not understood."""
    parser = argparse.ArgumentParser(prog="python -m bench.operator", description="Measure the operator.")
    parser.add_argument("bars", nargs="*", metavar="BAR", help=f"some of {', '.join(sorted(bars))}; none for all")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of each comparison (%(default)s)")
    parser.add_argument("--idle-seconds", type=float, default=IDLE_SECONDS, help="P3's idle time (%(default)g)")
    parser.add_argument("--keep-cluster", action="store_true", help="use the last run's cluster, and leave it there")
    options = parser.parse_args(arguments)
    if unknown := set(options.bars) - set(bars):
        parser.error(f"found {', '.join(sorted(unknown))}; expected some of {', '.join(sorted(bars))}")
    return Plan(tuple(options.bars), options.rounds, options.idle_seconds, options.keep_cluster)
