"""Who wrote what, by the API server's own record."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

VERBS: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The API server's audit log."""

    file: Path

    def end(self) -> int:
        """Return the place where the log ends now."""
        return self.file.stat().st_size

    def writes(self, user_agents: tuple[str, ...], since: int) -> Counter[str]:
        """Return what clients have written since a place in the log, as `verb resource`, and how often."""
        found: Counter[str] = Counter()
        marks = [f'"userAgent":"{agent}'.encode() for agent in user_agents]
        with self.file.open("rb") as log:
            log.seek(since)
            for line in log:
                if any(mark in line for mark in marks) and (write := _write_of(line)):
                    found[write] += 1
        return found


def _write_of(line: bytes) -> str | None:
    event = orjson.loads(line)
    if event["verb"] not in VERBS or event["stage"] != "ResponseComplete":
        return None
    target = event["objectRef"]
    resource = "/".join(filter(None, (target["resource"], target.get("subresource"))))
    return f"{event['verb']} {resource}"
