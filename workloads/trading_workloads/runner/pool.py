"""A pool of strategies in one process: leases, bars, commits and reports, one turn after another.

All of a pool's state changes in its one loop, between turns nothing is half done, and whatever is in doubt after a
failure is asked of Redis again.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from prometheus_client import Counter, Gauge
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from trading_workloads.bars.entry import BarColumns
from trading_workloads.contract import SourceDocument, SystemKeys
from trading_workloads.runner.checkpoint import NO_POSITIONS, Checkpoint
from trading_workloads.runner.commit import Commit, read_outcome, write_commit
from trading_workloads.runner.control import Document
from trading_workloads.runner.feed import Page, newest_close, read_pages
from trading_workloads.runner.instructions import Instructions
from trading_workloads.runner.lease import read_lease, release_lease, take_lease
from trading_workloads.runner.pacer import Pacer
from trading_workloads.runner.page_size import PageSize
from trading_workloads.runner.progress import Progress, permission_of
from trading_workloads.runner.renewal import start_anew
from trading_workloads.runner.report import write_report
from trading_workloads.runner.strategy_run import StrategyRun, last_signal
from trading_workloads.store.connection import command
from trading_workloads.store.patience import Patience
from trading_workloads.store.script import ScriptCall, run_script, run_scripts

_log = logging.getLogger(__name__)

BLOCK_MS: Final = 200
"""Longest wait for bars: also how long a push may go unnoticed."""
WAITING_SECONDS: Final = 1.0
"""How often a strategy that waits for its lease or its source tries again."""
REPORT_SECONDS: Final = 1.0
RELEASE_SECONDS: Final = 0.5
TURNS_PER_LEASE: Final = 8
"""Computing and starting stop after this part of a lease, or a pool with little CPU would lose what it computes."""

BARS = Counter("bars_processed_total", "Bars that strategies have processed, rebuilding included.")
SIGNALS = Counter("signals_generated_total", "Signals written.", ["strategy"])
REFUSED = Counter("commits_refused_total", "Commits that Redis refused.", ["result"])
RUNNING = Gauge("strategies_running", "Strategies that this process computes.")


@dataclass(slots=True)
class Pool:
    """Runs every strategy that `chosen` accepts, one lease each."""

    redis: Redis
    keys: SystemKeys
    holder: str
    lease_seconds: float
    instructions: Instructions
    chosen: Callable[[Document], bool]
    pacer: Pacer = field(default_factory=Pacer)
    clock: Callable[[], float] = time.monotonic
    runs: dict[str, StrategyRun] = field(default_factory=dict)
    sources: dict[str, SourceDocument] = field(default_factory=dict)
    last_turn: float = float("-inf")
    _leaving: list[StrategyRun] = field(default_factory=list)
    _leases_at: float = 0.0
    _reports_at: float = 0.0
    _turn_seconds: float = field(init=False)
    _page_size: PageSize = field(init=False)
    _stopping: bool = False

    def __post_init__(self) -> None:
        self._turn_seconds = self.lease_seconds / TURNS_PER_LEASE
        self._page_size = PageSize(self._turn_seconds)

    async def run(self) -> None:
        """Take turns until `stop` or cancellation; then give every lease back, so that another pod goes on at once."""
        patience = Patience("pool")
        try:
            while not self._stopping:
                try:
                    await self._turn()
                    self.last_turn = self.clock()
                    patience.after_success()
                except Exception as error:  # noqa: BLE001 - a turn that failed is taken again; nothing is half done
                    if not isinstance(error, RedisError):
                        _log.exception("turn failed")
                    self._leases_at = 0.0
                    await asyncio.sleep(patience.after_failure(error))
        finally:
            with contextlib.suppress(RedisError, TimeoutError):  # leases that cannot be given back expire
                async with asyncio.timeout(RELEASE_SECONDS):
                    await self._release([*self._leaving, *self.runs.values()])

    def stop(self) -> None:
        """Have `run` end after the turn that it is in."""
        self._stopping = True

    async def _turn(self) -> None:
        if await self.instructions.refresh(self.clock()) or not self.runs:
            self._adopt(filter(self.chosen, self.instructions.current.strategies.values()))
        await self._release(self._leaving)
        if self.clock() >= self._leases_at:
            await self._renew()
        pages = await self._read()
        started = self.clock()
        await self._compute(pages, started + self._turn_seconds)
        await self._commit()
        if pages:
            self._page_size.took(self.clock() - started)
        if self.clock() >= self._reports_at:
            await self._report()

    def _adopt(self, documents: Iterable[Document]) -> None:
        wanted = {document.name: document for document in documents}
        for name in self.runs.keys() - wanted.keys():
            self._leaving.append(self.runs.pop(name))
        for name, document in wanted.items():
            if name not in self.runs:
                self.runs[name] = StrategyRun(document)
                self._leases_at = 0.0
            elif document != self.runs[name].document:
                self.runs[name].update(document)
                self._leases_at = 0.0

    async def _renew(self) -> None:
        """Take, renew and verify every lease, and start what can start in the time of a turn."""
        until = self.clock() + self._turn_seconds
        spent = False
        registered = await command(self.redis, "HGETALL", self.keys.sources())
        self.sources = {name.decode(): orjson.loads(document) for name, document in registered.items()}
        runs = list(self.runs.values())
        calls = [take_lease(self.keys, run.name, self.holder, self.lease_seconds, run.token) for run in runs]
        for run, answer in zip(runs, await self._answers(calls), strict=True):
            if isinstance(answer, ResponseError):
                run.on_refusal(answer)
                continue
            run.on_lease(read_lease(answer))
            if spent and run.progress is None:
                continue
            try:
                await self._start(run)
            except ResponseError as error:
                run.on_refusal(error)
            spent = self.clock() >= until
        computing = sum(run.progress is not None for run in runs)
        RUNNING.set(computing)
        pause = self.lease_seconds / 3
        self._leases_at = self.clock() + (pause if computing == len(runs) else min(pause, WAITING_SECONDS))

    async def _start(self, run: StrategyRun) -> None:
        """Have a strategy with a lease begin where its checkpoint stands, if it can run and has not begun.

        The first runner of all writes the first checkpoint; a Strategy that succeeds another one starts anew.
        """
        if run.lease and run.succeeds_another:
            call = start_anew(self.keys, run.name, self.holder, run.lease.token)
            run.on_new_start(done=await run_script(self.redis, call) == 1)
        if run.lease is None or not run.specify(self.sources) or run.specification is None or run.progress is not None:
            return
        checkpoint = run.lease.checkpoint
        if checkpoint is None:
            checkpoint = await self._first_checkpoint(run)
            if checkpoint is None:
                return
        run.signals = await command(self.redis, "XLEN", self.keys.signals(run.name))
        newest = await command(self.redis, "XREVRANGE", self.keys.signals(run.name), "+", "-", "COUNT", 1)
        run.last_signal = last_signal(newest[0][1][b"signal"]) if newest else None
        run.progress = Progress(run.specification, checkpoint, run.lease.token, self.keys.system, wall_ms)

    async def _first_checkpoint(self, run: StrategyRun) -> Checkpoint | None:
        assert run.lease is not None  # noqa: S101 - as in `_start`
        bar = 0
        if run.specification is not None and run.specification.source["clock"] == "wall":
            bar = await newest_close(self.redis, self._stream(run))
        checkpoint = Checkpoint(run.document.revision, 0, bar, NO_POSITIONS, run.lease.token, run.document.uid)
        call = write_commit(self.keys, self.holder, self.lease_seconds, Commit(run.name, None, checkpoint, ()))
        outcome = read_outcome(await run_script(self.redis, call))
        return checkpoint if outcome.result == "written" else None

    def _stream(self, run: StrategyRun) -> str:
        data = run.document.spec["data"]
        return self.keys.bars(data["source"], data.get("timeframe", "1d"))

    async def _read(self) -> list[Page]:
        positions: dict[str, list[int]] = {}
        for run in self.runs.values():
            if run.progress is not None:
                positions.setdefault(self._stream(run), []).append(run.progress.cursor)
        if not positions:
            await asyncio.sleep(BLOCK_MS / 1000)
            return []
        return await read_pages(self.redis, positions, self._page_size.bars, BLOCK_MS)

    async def _compute(self, pages: list[Page], until: float) -> None:
        """Step strategies through pages, bar by bar and whoever is behind first, until the turn's time is spent.

        What is left is read again in the next turn, after a commit, a look at the control document and the leases.
        """
        for page in sorted(pages, key=lambda page: page.after):
            following = [
                (run, run.progress)
                for run in self.runs.values()
                if run.progress is not None and self._stream(run) == page.stream and run.progress.cursor >= page.after
            ]
            following.sort(key=lambda follower: follower[1].cursor)
            for bars in page.bars:
                for run, progress in following:
                    if run.progress is progress and bars.close_ms > progress.cursor:
                        self._step(run, progress, bars)
                        await self.pacer.breathe()
                        if self.clock() >= until:
                            return

    def _step(self, run: StrategyRun, progress: Progress, bars: BarColumns) -> None:
        assert run.specification is not None  # noqa: S101 - progress is made of it
        permission = permission_of(self.instructions.current.trading, run.specification.spec.state)
        try:
            progress.step(bars, permission, run.specification)
            BARS.inc()
        except Exception as error:  # noqa: BLE001 - one strategy that fails must not stop the others; it is reported
            run.park(error)

    async def _commit(self) -> None:
        commits = [(run, run.progress.commit()) for run in self.runs.values() if run.progress is not None]
        due = [(run, commit) for run, commit in commits if commit is not None]
        calls = [write_commit(self.keys, self.holder, self.lease_seconds, commit) for _, commit in due]
        for (run, commit), answer in zip(due, await self._answers(calls), strict=True):
            if isinstance(answer, ResponseError):
                run.on_refusal(answer)
                continue
            outcome = read_outcome(answer)
            run.on_outcome(commit, outcome)
            if outcome.result == "written":
                SIGNALS.labels(run.name).inc(len(commit.signals) - outcome.repeated)
            else:
                REFUSED.labels(outcome.result).inc()
                self._leases_at = 0.0

    async def _report(self) -> None:
        self._reports_at = self.clock() + REPORT_SECONDS
        reports = [(run, run.lease.token, run.report(self.holder)) for run in self.runs.values() if run.lease]
        changed = [(run, token, report) for run, token, report in reports if report != run.reported]
        calls = [write_report(self.keys, run.name, self.holder, token, report) for run, token, report in changed]
        for (run, _, report), written in zip(changed, await self._answers(calls), strict=True):
            run.reported = report if written == 1 else None

    async def _answers(self, calls: list[ScriptCall]) -> list[Any]:
        return await run_scripts(self.redis, calls) if calls else []

    async def _release(self, runs: list[StrategyRun]) -> None:
        """Give leases back; reports of strategies that no longer exist go too."""
        existing = self.instructions.current.strategies
        held = [(run, run.lease.token) for run in runs if run.lease]
        await self._answers(
            [
                release_lease(self.keys, run.name, self.holder, token, forget=run.name not in existing)
                for run, token in held
            ]
        )
        runs.clear()


def wall_ms() -> int:
    """Return the wall clock in milliseconds."""
    return time.time_ns() // 1_000_000
