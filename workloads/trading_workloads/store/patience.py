"""Waiting for Redis: longer after each failure, never in step with others, and with one line in the log."""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from trading_workloads.store.connection import describe

_log = logging.getLogger(__name__)

FIRST_SECONDS: Final = 0.05
LONGEST_SECONDS: Final = 2.0


@dataclass(slots=True)
class Patience:
    """How long to wait before the next attempt; the first failure and the recovery are logged, not the rest."""

    what: str
    random: Callable[[], float] = field(default=random.random)
    failures: int = 0

    def after_failure(self, error: BaseException) -> float:
        """Return the seconds to wait: doubled each time up to two seconds, of which half is random."""
        if self.failures == 0:
            _log.warning("redis does not answer", extra={"what": self.what, "error": describe(error)})
        longest: float = min(FIRST_SECONDS * 2 ** min(self.failures, 10), LONGEST_SECONDS)
        self.failures += 1
        return longest * (0.5 + self.random() / 2)

    def after_success(self) -> None:
        """Start over with short waits."""
        if self.failures:
            _log.info("redis answers again", extra={"what": self.what, "failures": self.failures})
        self.failures = 0
