"""What the user sees while something takes its time: steps with their seconds, long ones with a running count."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

QUIET_SECONDS = 10.0
PRECISE_BELOW_SECONDS = 10


def duration(seconds: float) -> str:
    """Return a time as people read it: `0.4 s`, `12 s`, `3 min 05 s`."""
    minutes, rest = divmod(seconds, 60)
    if minutes:
        return f"{minutes:.0f} min {int(rest):02d} s"
    return f"{seconds:.0f} s" if seconds >= PRECISE_BELOW_SECONDS else f"{seconds:.1f} s"


def say(message: str) -> None:
    """Print one line for the user, at once."""
    print(message, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print a title, run the body, and complete the line with the seconds it took."""
    begin = time.monotonic()
    terminal = sys.stdout.isatty()
    if terminal:
        print(f"  {title} …", end="", flush=True)
    try:
        yield
    except BaseException:
        print(f"{_over(terminal)}  {title} … failed after {duration(time.monotonic() - begin)}", flush=True)
        raise
    print(f"{_over(terminal)}  {title} ({duration(time.monotonic() - begin)})", flush=True)


def _over(terminal: bool) -> str:
    return "\r\033[K" if terminal else ""


class Ticker:
    """A line that keeps growing on a terminal, and one line every ten seconds elsewhere."""

    def __init__(self, title: str, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._title = title
        self._out = out
        self._clock = clock
        self._begin = clock()
        self._last = self._begin

    def tick(self, detail: str) -> None:
        """Show where the work is, unless that was shown a moment ago."""
        now = self._clock()
        terminal = self._out.isatty()
        if now - self._last < (0.2 if terminal else QUIET_SECONDS):
            return
        self._last = now
        line = f"    {self._title}: {detail}, {duration(now - self._begin)}"
        print(f"\r\033[K{line[:150]}" if terminal else line, end="" if terminal else "\n", file=self._out, flush=True)

    def close(self) -> None:
        """Leave a clean line behind."""
        if self._out.isatty():
            print("\r\033[K", end="", file=self._out, flush=True)
