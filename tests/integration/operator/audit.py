"""What a user asked of the API server, from its audit log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from devcluster.instance import cache_root, load_instance
from tests.integration.conftest import INSTANCE
from tests.integration.operator.process import HOME, WRITES

Document = dict[str, Any]
Right = tuple[str, str, str]
"""A group, a resource with its subresource, and a verb: what RBAC grants."""

CREATED: Final = 201
FORBIDDEN: Final = 403
REFUSED: Final = 300
LEASES: Final = "leases"


@dataclass(frozen=True, slots=True)
class Request:
    """One request that was answered, or a watch that began."""

    verb: str
    group: str
    resource: str
    namespace: str
    name: str
    code: int
    received: datetime
    answered: datetime

    @property
    def rights(self) -> list[Right]:
        """What RBAC was asked for; an apply that makes an object needs the right to create it too."""
        verbs = [self.verb, "create"] if (self.verb, self.code) == ("patch", CREATED) else [self.verb]
        return [(self.group, self.resource, verb) for verb in verbs]

    @property
    def is_write(self) -> bool:
        """Tell whether this was to change something other than a Lease, and was not refused."""
        return self.verb in WRITES and self.resource != LEASES and self.code < REFUSED

    def __str__(self) -> str:
        return f"{self.answered:%H:%M:%S.%f} {self.verb} {self.resource} {self.namespace}/{self.name} {self.code}"


def requests_of(account: str) -> list[Request]:
    """Return the requests of an operator's account about objects, in the order of their answers."""
    return sorted(_requests(f"system:serviceaccount:{HOME}:{account}"), key=lambda request: request.answered)


def _requests(user: str) -> Iterator[Request]:
    instance = load_instance(cache_root(), INSTANCE)
    assert instance is not None
    with (instance.folder / "log" / "audit.log").open() as log:
        for line in log:
            if f'"{user}"' not in line or not line.endswith("\n"):
                continue
            event = json.loads(line)
            # A watch is seen when it begins, by its stage ResponseStarted; everything else when it has been answered.
            begun = event["verb"] == "watch" and event["stage"] == "ResponseStarted"
            if event["user"]["username"] == user and "objectRef" in event and (begun or _is_answered(event)):
                yield _request(event)


def _is_answered(event: Document) -> bool:
    return event["stage"] == "ResponseComplete" and event["verb"] != "watch"


def _request(event: Document) -> Request:
    about = event["objectRef"]
    below = f"/{about['subresource']}" if "subresource" in about else ""
    return Request(
        verb=event["verb"],
        group=about.get("apiGroup", ""),
        resource=f"{about['resource']}{below}",
        namespace=about.get("namespace", ""),
        name=about.get("name", ""),
        code=event["responseStatus"]["code"],
        received=datetime.fromisoformat(event["requestReceivedTimestamp"]),
        answered=datetime.fromisoformat(event["stageTimestamp"]),
    )
