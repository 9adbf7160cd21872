"""Checks of a bar at the door: what fails one never reaches a strategy."""

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Fault = Literal[
    "UnknownSymbol", "NoSession", "NotANumber", "NotPositive", "HighBelowLow", "OutsideRange", "Duplicate", "OutOfOrder"
]
"""Why a bar was refused, in one word."""


class RawBar(NamedTuple):
    """One bar of one symbol as a source has it; `session` is the date of its trading day."""

    symbol: str
    session: str
    open: float
    high: float
    low: float
    close: float
    volume: float


class Refusal(NamedTuple):
    """A bar that was refused: why, in a word and in a sentence."""

    bar: RawBar
    fault: Fault
    message: str


@dataclass(slots=True)
class Door:
    """Checks the bars of one source in the order in which they come."""

    symbols: Collection[str]
    _latest: dict[str, int] = field(default_factory=dict)

    def check(self, bar: RawBar, close_ms: int | None) -> Refusal | None:
        """Return why a bar is refused, or None after taking note of it.

        `close_ms` is the close of its session; None when its date is no session of the calendar.
        """
        found = self._fault_of_place(bar, close_ms) or _fault_of_values(bar)
        if found is None and close_ms is not None:
            self._latest[bar.symbol] = close_ms
            return None
        fault, message = found or ("NoSession", "")
        return Refusal(bar, fault, f"{bar.symbol} {bar.session}: {message}")

    def _fault_of_place(self, bar: RawBar, close_ms: int | None) -> tuple[Fault, str] | None:
        if bar.symbol not in self.symbols:
            return "UnknownSymbol", f'found "{bar.symbol}", expected one of {", ".join(self.symbols)}'
        if close_ms is None:
            return "NoSession", f"found {bar.session}, expected a session of the calendar"
        latest = self._latest.get(bar.symbol)
        if latest == close_ms:
            return "Duplicate", f"found a second bar for {bar.session}, expected one"
        if latest is not None and latest > close_ms:
            return "OutOfOrder", f"found {bar.session} after a later bar, expected bars in order of time"
        return None


def _fault_of_values(bar: RawBar) -> tuple[Fault, str] | None:
    prices = (bar.open, bar.high, bar.low, bar.close)
    shown = f"found open {bar.open}, high {bar.high}, low {bar.low}, close {bar.close}, volume {bar.volume}"
    if not all(math.isfinite(value) for value in (*prices, bar.volume)):
        return "NotANumber", f"{shown}, expected finite numbers"
    if min(prices) <= 0 or bar.volume < 0:
        return "NotPositive", f"{shown}, expected prices over 0 and no negative volume"
    if bar.high < bar.low:
        return "HighBelowLow", f"{shown}, expected high >= low"
    if not all(bar.low <= price <= bar.high for price in prices):
        return "OutsideRange", f"{shown}, expected open and close between low and high"
    return None
