"""Sends objects to the API server, batch by batch, and waits for the operator's words on each."""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Final

from tests.integration.operator.apiserver import PLURALS, Answer, ApiServer, path_of
from tests.integration.operator.fuzz.cases import Case, Key
from tests.integration.operator.fuzz.outcomes import Outcome
from tests.integration.operator.process import condition_of, wait_for

Document = dict[str, Any]

BATCH: Final = 24
_PATIENCE_SECONDS: Final = 15.0
"""How long it is waited for a condition that comes too late, so that late and never are told apart."""
_LABEL: Final = "fuzz"
_AT_ONCE: Final = 4


@dataclass(slots=True)
class Sender:
    """Sends objects and keeps what became of each."""

    server: ApiServer
    strategies_in: str
    """Namespace with the healthy system."""
    systems_in: Sequence[str]
    """Namespaces without one: a system in each is reconciled, the others are told that the place is taken."""
    is_alive: Callable[[], bool]
    outcomes: list[Outcome] = field(default_factory=list)

    def send(self, cases: Sequence[Case], strict_answers: dict[Key, Answer] | None = None) -> None:
        """Send objects while the operator lives. `strict_answers` is what the strict schema, if not served, says."""
        for batch in takewhile(lambda _: self.is_alive(), _batches(cases)):
            outcomes = self.send_batch(batch)
            for outcome in outcomes:
                outcome.strict_answer = strict_answers[outcome.case.key] if strict_answers else None
            self.outcomes += outcomes

    def send_batch(self, batch: Sequence[Case]) -> list[Outcome]:
        """Create objects at once, wait for their conditions and remove them."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            outcomes = list(pool.map(self._create, batch))
        self._await_conditions({outcome.case.key: outcome for outcome in outcomes if not outcome.refused})
        self._remove()
        return outcomes

    def try_out(self, cases: Sequence[Case]) -> dict[Key, Answer]:
        """Return what the API server says of each object now, without keeping any."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = pool.map(lambda case: self._post(case, dryRun="All"), cases)
            return {case.key: answer for case, answer in zip(cases, answers, strict=True)}

    def _create(self, case: Case) -> Outcome:
        answer = self._post(case)
        return Outcome(case, answer, accepted_at=time.monotonic())

    def _post(self, case: Case, **query: str) -> Answer:
        kind, name = case.key
        place = zlib.crc32(name.encode(errors="replace")) % len(self.systems_in)
        namespace = self.strategies_in if kind == "Strategy" else self.systems_in[place]
        metadata = {"name": name, "namespace": namespace, "labels": {_LABEL: "yes"}}
        return self.server.create({**case.document, "metadata": metadata}, fieldValidation="Strict", **query)

    def _await_conditions(self, waiting: dict[Key, Outcome]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while waiting and time.monotonic() < deadline:
            for kind, document in self._found():
                outcome = waiting.get((kind, document["metadata"]["name"]))
                if outcome and (ready := condition_of(document)) and ready["reason"] != "Accepted":
                    outcome.condition = ready
                    outcome.seconds = time.monotonic() - outcome.accepted_at
                    del waiting[outcome.case.key]
            time.sleep(0.1)

    def _remove(self) -> None:
        for namespace in (self.strategies_in, *self.systems_in):
            for kind in PLURALS:
                self.server.call("DELETE", f"{path_of(kind, namespace)}?labelSelector={_LABEL}")
        wait_for(lambda: not list(self._found()), "the batch is gone")

    def _found(self) -> Iterator[tuple[str, Document]]:
        for kind in PLURALS:
            for document in self.server.list(kind, labelSelector=_LABEL):
                yield kind, document


def _batches(cases: Sequence[Case]) -> Iterable[Sequence[Case]]:
    return (cases[start : start + BATCH] for start in range(0, len(cases), BATCH))
