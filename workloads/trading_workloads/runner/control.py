"""What the runners of a system should do: mounted files and the control document that the operator pushed."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trading_operator.api.base import NAME_PATTERN
from trading_workloads.contract import TRADING_STATE_FILE, TradingState
from trading_workloads.documents import describe_mistakes

_log = logging.getLogger(__name__)

Name = Annotated[str, Field(pattern=NAME_PATTERN)]


class ControlError(ValueError):
    """A control document or a strategy's document has a mistake."""


class Document(BaseModel):
    """One strategy as the operator wrote it; its spec is looked at by whoever runs it, and only there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    uid: str
    generation: int
    revision: str
    spec: dict[str, Any]


class Control(BaseModel):
    """Everything that the runners of a system should do; a strategy that is not named does not run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trading: TradingState = "Active"
    strategies: dict[Name, Document] = Field(default_factory=dict)


def parse_control(text: bytes) -> Control:
    """Return the control document in a JSON text.

    Raises ControlError, saying where, what was found and what was expected.
    """
    try:
        control = Control.model_validate(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise ControlError(f"control: found no JSON ({error}), expected an object") from error
    except ValidationError as error:
        raise ControlError(describe_mistakes(error)) from error
    for name, document in control.strategies.items():
        if document.name != name:
            raise ControlError(f'strategies.{name}.name: found "{document.name}", expected "{name}"')
    return control


def merge(mounted: Control, pushed: Control | None) -> Control:
    """Return what holds: the push says which strategies there are, and the newer document says what each is.

    Of one object (same uid) the higher generation is newer, and the push when they are equal; of two objects
    with one name the pushed one holds, because a mounted file may lag by a minute.
    """
    if pushed is None:
        return mounted
    newest = {name: _newer(mounted.strategies.get(name), document) for name, document in pushed.strategies.items()}
    return Control(trading=pushed.trading, strategies=newest)


def _newer(mounted: Document | None, pushed: Document) -> Document:
    if mounted is not None and mounted.uid == pushed.uid and mounted.generation > pushed.generation:
        return mounted
    return pushed


@dataclass(slots=True)
class MountedDocuments:
    """The files of a mounted ConfigMap, read again only when they change."""

    directory: Path
    control: Control = field(default_factory=Control)
    _seen: Mapping[str, tuple[int, int, int]] | None = None

    def refresh(self) -> bool:
        """Read the files if any has changed, and say whether they had."""
        seen = self._fingerprint()
        if seen == self._seen:
            return False
        self._seen = seen
        self.control = self._read(sorted(seen))
        return True

    def _fingerprint(self) -> dict[str, tuple[int, int, int]]:
        found = {}
        for path in self.directory.glob("*.json"):
            try:
                stat = path.stat()
            except FileNotFoundError:  # replaced between the listing and this look
                continue
            found[path.name] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        return found

    def _read(self, names: list[str]) -> Control:
        strategies = {}
        trading: TradingState = "Active"
        for name in names:
            try:
                content = orjson.loads((self.directory / name).read_bytes())
                if name == TRADING_STATE_FILE:
                    trading = Control.model_validate(content).trading
                else:
                    document = Document.model_validate(content)
                    strategies[document.name] = document
            except (OSError, ValueError) as error:  # one bad file must not stop the other strategies
                mistake = describe_mistakes(error) if isinstance(error, ValidationError) else str(error)
                _log.error("file is no strategy", extra={"file": name, "problem": mistake})
        return Control(trading=trading, strategies=strategies)
