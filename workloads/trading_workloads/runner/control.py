"""What the runners of a system should do: mounted files and the control document that the operator pushed."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trading_operator.api.base import NAME_PATTERN
from trading_operator.api.mistakes import mistakes_of
from trading_workloads.contract import TRADING_STATE_FILE, TradingState

_log = logging.getLogger(__name__)

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Checked = TypeVar("Checked", bound=BaseModel)


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


def _check(content: object, model: type[Checked]) -> Checked:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ControlError("; ".join(mistakes_of(error, content, model))) from error


def parse_control(text: bytes) -> Control:
    """Return the control document in a JSON text.

    Raises ControlError, saying where, what was found and what was expected.
    """
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ControlError(f"control: found no JSON ({error}), expected an object") from error
    control = _check(content, Control)
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
                    trading = _check(content, Control).trading
                else:
                    document = _check(content, Document)
                    strategies[document.name] = document
            except (OSError, ValueError) as error:  # one bad file must not stop the other strategies
                _log.error("file is no strategy", extra={"file": name, "problem": str(error)})
        return Control(trading=trading, strategies=strategies)
