"""All sources of a system at work: started, replaced and stopped as the mounted document says."""

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from trading_operator.api.base import parse_decimal
from trading_operator.api.services import Source
from trading_workloads.bars.recording import Recording
from trading_workloads.bars.replay import load_bokeh_stocks
from trading_workloads.contract import SourceDocument, SystemKeys
from trading_workloads.services.data.publisher import Publisher
from trading_workloads.services.data.replay import Replay
from trading_workloads.services.data.sources import Asked, read_sources
from trading_workloads.store.connection import command, describe
from trading_workloads.store.patience import Patience
from trading_workloads.tasks import end_tasks

_log = logging.getLogger(__name__)

REGISTER_SECONDS: Final = 1.0
REREAD_SECONDS: Final = 2.0


@dataclass(slots=True)
class Running:
    """One source, the replay that serves it once it is loaded, and the task that does it."""

    source: Source
    task: asyncio.Task[None]
    replay: Replay | None = None


@dataclass(slots=True)
class DataHub:
    """Runs every source that can run, and knows why the others do not."""

    redis: Redis
    keys: SystemKeys
    path: Path
    running: dict[str, Running] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    document_problem: str | None = "the document has not been read yet"

    async def run(self) -> None:
        """Follow the document and keep the sources registered until cancelled; then stop them all."""
        try:
            await asyncio.gather(self._follow_document(), self._register())
        finally:
            await end_tasks([running.task for running in self.running.values()])

    async def _follow_document(self) -> None:
        while True:
            try:
                await self._apply(await asyncio.to_thread(read_sources, self.path))
                self.document_problem = None
            except (OSError, ValueError) as error:
                if describe(error) != self.document_problem:
                    _log.error("sources cannot be read", extra={"path": str(self.path), "error": describe(error)})
                self.document_problem = describe(error)
            await asyncio.sleep(REREAD_SECONDS)

    async def _apply(self, asked: Asked) -> None:
        for name, message in asked.problems.items():
            if self.problems.get(name) != message:
                _log.error("source is not available", extra={"source": name, "problem": message})
        changed = [name for name, running in self.running.items() if asked.sources.get(name) != running.source]
        await end_tasks([self.running.pop(name).task for name in changed])
        kept = {name: text for name, text in self.problems.items() if name in self.running}
        self.problems = {**kept, **asked.problems}
        for name, source in asked.sources.items():
            if name not in self.running:
                self.running[name] = Running(source, asyncio.create_task(self._serve(name, source), name=name))

    async def _serve(self, name: str, source: Source) -> None:
        try:
            recording = await asyncio.to_thread(load_bokeh_stocks, source.calendar)
            replay = self._replay(source, recording)
            self.running[name].replay = replay
            _log.info("source runs", extra={"source": name, "closes": len(recording.closes)})
            await replay.run()
        except ValueError as error:  # its document is wrong
            self.problems[name] = f"source {name}: {describe(error)}"
            _log.error("source is not available", extra={"source": name, "problem": describe(error)})
        except Exception as error:  # noqa: BLE001 - one source that fails must not stop the others; it is reported
            self.problems[name] = f"source {name}: {describe(error)}"
            _log.exception("source failed", extra={"source": name})

    def _replay(self, source: Source, recording: Recording) -> Replay:
        publisher = Publisher(self.redis, self.keys, source.name, source.timeframe, "replay")
        rate = source.replay.bars_per_second if source.replay else 1
        return Replay(recording, publisher, float(parse_decimal(rate)))

    async def _register(self) -> None:
        patience = Patience("registration of sources")
        while True:
            try:
                await self._register_once()
                patience.after_success()
                await asyncio.sleep(REGISTER_SECONDS)
            except RedisError as error:
                await asyncio.sleep(patience.after_failure(error))

    async def _register_once(self) -> None:
        """Write what every loaded source has; forget sources that the document no longer names."""
        documents = {name: _document(each) for name, each in self.running.items() if each.replay is not None}
        registered = await command(self.redis, "HKEYS", self.keys.sources())
        if self.document_problem is None:
            gone = [name for name in registered if name.decode() not in self.running]
            if gone:
                await command(self.redis, "HDEL", self.keys.sources(), *gone)
        for name, document in documents.items():
            await command(self.redis, "HSET", self.keys.sources(), name, document)


def _document(running: Running) -> bytes:
    symbols = list(running.replay.recording.symbols) if running.replay else []
    return orjson.dumps(SourceDocument(symbols=symbols, timeframe=running.source.timeframe, clock="replay"))
