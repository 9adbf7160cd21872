"""When closes are due: a fixed rate from a fixed start, so that delays never add up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """Closes per second since a start, at which the first `position` closes had been published already."""

    start_seconds: float
    position: int
    per_second: float

    def due(self, now_seconds: float) -> int:
        """Return how many closes, from the first of the recording, should have been published by now."""
        return self.position + 1 + int((now_seconds - self.start_seconds) * self.per_second)

    def seconds_until(self, position: int, now_seconds: float) -> float:
        """Return the seconds until the close with this index is due; 0 when it is."""
        due_at = self.start_seconds + (position - self.position) / self.per_second
        return max(0.0, due_at - now_seconds)
