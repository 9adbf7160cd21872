"""What holds now: the mounted files, and the push in Redis, followed as it changes."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from trading_workloads.contract import SystemKeys
from trading_workloads.runner.control import Control, ControlError, MountedDocuments, merge, parse_control
from trading_workloads.store.connection import command
from trading_workloads.store.patience import Patience

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 2.0
"""How often files and Redis are looked at when no message says that they changed."""


@dataclass(slots=True)
class Instructions:
    """Follows the mounted files and the pushed control document.

    A push stays in force until another one comes: when Redis loses it, `keep` writes it back, so that a kill
    switch survives a Redis that came back empty.
    """

    redis: Redis
    keys: SystemKeys
    mounted: MountedDocuments
    keep: bool
    current: Control = field(default_factory=Control)
    pushed: Control | None = None
    _text: bytes | None = None
    _look_at: float = 0.0

    async def refresh(self, now: float) -> bool:
        """Look again when it is time or a message came, and say whether what holds has changed.

        now: seconds of a monotonic clock. Raises RedisError.
        """
        if now < self._look_at:
            return False
        self._look_at = now + LOOK_SECONDS
        self.mounted.refresh()
        text: bytes | None = await command(self.redis, "GET", self.keys.control())
        if text is None and self._text is not None and self.keep:
            await command(self.redis, "SET", self.keys.control(), self._text, "NX")
            _log.warning("control document written back: redis had lost it")
        elif text is not None and text != self._text:
            self._take(text)
        merged = merge(self.mounted.control, self.pushed)
        changed, self.current = merged != self.current, merged
        return changed

    async def push(self, text: bytes) -> Control:
        """Store a control document and tell every runner. Raises ControlError and RedisError."""
        control = parse_control(text)
        await command(self.redis, "SET", self.keys.control(), text)
        await command(self.redis, "PUBLISH", self.keys.control_channel(), "changed")
        self._look_at = 0.0
        return control

    def _take(self, text: bytes) -> None:
        self._text = text
        try:
            self.pushed = parse_control(text)
        except ControlError as error:
            _log.error("control document in redis is wrong", extra={"problem": str(error)})

    async def listen(self) -> None:
        """Have the next refresh look at once whenever a push is announced; ends only when cancelled."""
        patience = Patience("control channel")
        while True:
            try:
                async with self.redis.pubsub() as channel:
                    await channel.subscribe(self.keys.control_channel())
                    self._look_at = 0.0  # whatever was announced before is seen now
                    while True:
                        if await channel.get_message(timeout=1.0) is not None:
                            self._look_at = 0.0
                        patience.after_success()
            except RedisError as error:
                await asyncio.sleep(patience.after_failure(error))
