"""One strategy in a pool: its document, its lease, its progress, and what is reported of it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from redis.exceptions import ResponseError

from trading_workloads.contract import LastSignalReport, RunnerProblem, SourceDocument, StrategyReport
from trading_workloads.runner.commit import Commit, Outcome
from trading_workloads.runner.control import Document
from trading_workloads.runner.lease import Held, HeldByAnother
from trading_workloads.runner.progress import Progress
from trading_workloads.runner.specification import Specification, SpecificationError, needs_new_kernel, specify
from trading_workloads.times import iso

STORE_ERROR: Final = "StoreError"

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class StrategyRun:
    """What a pool knows of one strategy.

    lease: what Redis said last, while it is ours. token: kept when the lease is lost, so that a process that was
    replaced by another one of the same name does not take the lease back. progress: there while the strategy
    computes. problem: why it does not. parked: it failed by itself and waits for another document.
    """

    document: Document
    token: int | None = None
    lease: Held | None = None
    specification: Specification | None = None
    progress: Progress | None = None
    problem: RunnerProblem | None = None
    parked: bool = False
    signals: int = 0
    last_signal: LastSignalReport | None = None
    reported: bytes | None = None
    _refusal: str = ""

    @property
    def name(self) -> str:
        """The strategy's name."""
        return self.document.name

    def update(self, document: Document) -> None:
        """Take a changed document; the kernel stays where only settings changed."""
        if self.parked or document.uid != self.document.uid or needs_new_kernel(self.document, document):
            self.progress = None
        self.document = document
        self.specification = None
        self.parked = False

    def on_lease(self, answer: Held | HeldByAnother) -> None:
        """Take note of whose the lease is, and drop progress that the checkpoint contradicts."""
        if isinstance(answer, HeldByAnother):
            if self.lease is not None:
                _log.warning("lease lost", extra={"strategy": self.name, "holder": answer.holder})
            self.lease = None
            self.doubt()
            return
        if self.lease is None:
            _log.info("lease taken", extra={"strategy": self.name, "token": answer.token})
        self.lease, self.token = answer, answer.token
        if self.problem and self.problem["reason"] == STORE_ERROR:
            self.problem = None
        if self.progress is None:
            return
        if answer.checkpoint == self.progress.checkpoint and not self.progress.unwritten:
            self.progress.token = answer.token
        else:
            _log.info("checkpoint is elsewhere; building again", extra={"strategy": self.name})
            self.doubt()

    @property
    def succeeds_another(self) -> bool:
        """Whether the checkpoint is that of an earlier Strategy of this name."""
        checkpoint = self.lease.checkpoint if self.lease else None
        return checkpoint is not None and not checkpoint.is_of(self.document.uid)

    def on_new_start(self, *, done: bool) -> None:
        """Take note that nothing of an earlier Strategy is left, or that the lease was lost before."""
        _log.info("strategy starts anew", extra={"strategy": self.name, "uid": self.document.uid, "done": done})
        self.lease = Held(self.lease.token, None) if self.lease and done else None
        self.signals, self.last_signal = 0, None
        self.doubt()

    def doubt(self) -> None:
        """Forget what was computed: Redis may have something else."""
        self.progress = self.reported = None

    def specify(self, sources: Mapping[str, SourceDocument]) -> bool:
        """Make the document ready to run, and say whether it can; why not is the problem that is reported."""
        if self.parked:
            return False
        if self.specification is None:
            try:
                self.specification = specify(self.document, sources)
                self.problem = None
            except SpecificationError as error:
                if self.problem != error.problem:
                    _log.warning("strategy cannot run", extra={"strategy": self.name, "problem": str(error)})
                self.problem = error.problem
                self.progress = None
        return self.specification is not None

    def park(self, error: Exception) -> None:
        """Stop a strategy whose own computation failed, until its document changes."""
        _log.error("strategy failed", exc_info=error, extra={"strategy": self.name})
        self.problem = RunnerProblem(reason="KernelError", message=f"{type(error).__name__}: {error}")
        self.progress = None
        self.parked = True

    def on_outcome(self, commit: Commit, outcome: Outcome) -> None:
        """Take note of what became of a commit."""
        if outcome.result != "written":
            _log.warning("commit refused", extra={"strategy": self.name, "result": outcome.result})
            self.doubt()
            return
        self._refusal = ""
        if self.progress is not None:
            self.progress.committed(commit.checkpoint)
        if commit.signals:
            self.signals += len(commit.signals) - outcome.repeated
            self.last_signal = last_signal(commit.signals[-1].record)

    def on_refusal(self, error: ResponseError) -> None:
        """Take note that Redis would not do what was asked for this strategy; it is asked again with the lease."""
        if self._refusal != str(error):
            _log.error("redis refuses", extra={"strategy": self.name, "error": str(error)})
        self._refusal = str(error)
        self.problem = RunnerProblem(reason=STORE_ERROR, message=f"Redis: {error}")
        self.doubt()

    def report(self, holder: str) -> bytes:
        """Return the report of the strategy as it stands."""
        progress, checkpoint = self.progress, self.lease.checkpoint if self.lease else None
        if progress is not None:
            checkpoint = progress.checkpoint
        report = StrategyReport(
            uid=self.document.uid,
            generation=self.document.generation,
            revision=self.document.revision,
            state=str(self.document.spec.get("state", "Running")),
            holder=holder,
            barsSeen=progress.kernel.bars_seen if progress else 0,
            warm=bool(progress and progress.kernel.warm),
            warmSymbols=progress.kernel.warm_symbols if progress else 0,
            lastBar=iso(checkpoint.bar) if checkpoint and checkpoint.bar else "",
            signals=self.signals,
        )
        if self.last_signal:
            report["lastSignal"] = self.last_signal
        if self.problem:
            report["problem"] = self.problem
        return orjson.dumps(report)


def last_signal(record: bytes) -> LastSignalReport:
    """Return what a report says of a signal."""
    signal = orjson.loads(record)
    return LastSignalReport(time=signal["barClose"], symbol=signal["symbol"], action=signal["action"])
