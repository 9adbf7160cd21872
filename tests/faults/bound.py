"""How many requests an operator may make while nothing that it does succeeds: a hot loop makes hundreds each second."""

from collections import Counter
from dataclasses import dataclass

from tests.faults.subject import FOLLOWED


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound for the five seconds of a fault, reckoned from the operator's backoff.

    What fails waits at least 0.1 s, then twice as long each time: six attempts in five seconds. It may begin anew once,
    by what the other watches tell. A pass asks at most twice for each child, and three times for its object.
    """

    objects: int = 5
    children: int = 22
    watches: int = len(FOLLOWED)
    attempts: int = 12

    def excess(self, sent: Counter[str]) -> str:
        """Return what is beyond the bound, or nothing."""
        for verb in ("list", "watch"):
            if sent[verb] > self.attempts * self.watches:
                return f"{sent[verb]} times {verb}, expected at most {self.attempts * self.watches}"
        others = sent.total() - sent["list"] - sent["watch"]
        most = self.attempts * (2 * self.children + 3 * self.objects)
        return f"{others} requests in passes, expected at most {most}" if others > most else ""
