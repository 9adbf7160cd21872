"""Where operators are let loose: namespaces that nobody has used yet, and what an operator needs to run in one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.apiserver import ApiServer
from tests.faults.fleet import Fleet
from tests.faults.scenario import OLD_RELEASE
from tests.faults.subject import Subject


@dataclass(frozen=True, slots=True)
class Arena:
    """Gives operators, each over a namespace of its own."""

    api_server: ApiServer
    fleet: Fleet
    token: str
    folder: Path
    namespaces: Iterator[str]

    def new_subject(self) -> Subject:
        """Return an operator of the older release, which was not started yet."""
        namespace = next(self.namespaces)
        return Subject(self.api_server, self.fleet, namespace, self.folder / namespace, self.token, dict(OLD_RELEASE))
