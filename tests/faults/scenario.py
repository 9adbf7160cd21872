"""The life of one TradingSystem with nine strategies, as steps: what a user does, one thing after another."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.faults.subject import Subject
from tests.integration.operator.documents import SOURCE, SYSTEM, make_strategy, make_system
from trading_operator.kinds import STRATEGY, TRADING_SYSTEM, Kind
from trading_operator.settings import REDIS_IMAGE_VARIABLE, WORKLOAD_IMAGE_VARIABLE

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One thing that a user does."""

    phase: str
    name: str
    applied: tuple[Document, ...] = ()
    deleted: tuple[tuple[Kind, str], ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """What another release of the operator brings; it is stopped and started again with this."""

    def __str__(self) -> str:
        return f"{self.phase}.{self.name}"

    async def act(self, subject: Subject) -> None:
        """Do it, in the namespace of an operator."""
        if self.environment:
            rule = subject.proxy.rule
            await subject.stop()
            subject.environment.update(self.environment)
            await subject.start(rule)
        api_server, namespace = subject.api_server, subject.namespace
        await asyncio.gather(
            *(api_server.apply(_moved(document, namespace)) for document in self.applied),
            *(api_server.delete(kind, namespace, name) for kind, name in self.deleted),
        )


def _moved(document: Document, namespace: str) -> Document:
    return {**document, "metadata": {**document["metadata"], "namespace": namespace}}


_OTHER_RULE: Final[Document] = {"rules": {"enterLong": "crosses_above(sma(close, 8), sma(close, 30))"}}
_SECOND_SOURCE: Final[Document] = {"name": "second", "replay": {"dataset": "bokeh-stocks", "barsPerSecond": "2"}}
_MORE_MEMORY: Final[Document] = {"resources": {"requests": {"memory": "200Mi"}, "limits": {"memory": "900Mi"}}}
_STORAGE: Final[Document] = {"managed": {"storage": {"size": "1Gi"}}}

OLD_RELEASE: Final = {WORKLOAD_IMAGE_VARIABLE: "trading-workload:last", REDIS_IMAGE_VARIABLE: "redis:last"}
"""What the operator starts with: a namespace that was used before must not know the newer images."""
NEXT_WORKLOAD: Final = {WORKLOAD_IMAGE_VARIABLE: "trading-workload:next"}
NEXT_REDIS: Final = {REDIS_IMAGE_VARIABLE: "redis:next"}


def _system(*sources: Document, data: Document, signal: Document | None = None, trading: str = "Active") -> Document:
    services = {"data": {"sources": [SOURCE, *sources], **data}, "signal": signal or {}}
    return make_system(redis=_STORAGE, services=services, trading={"state": trading})


def _dedicated(*names: str, **spec: Any) -> tuple[Document, ...]:
    return tuple(make_strategy(name, placement="Dedicated", **spec) for name in names)


SCENARIO: Final = (
    Step("create", "system", applied=(_system(data={}), make_strategy("pooled"))),
    Step("create", "strategies", applied=_dedicated("alone", "apart", "beside", "moving")),
    Step("create", "more-strategies", applied=_dedicated("early", "late", "north", "south")),
    Step("update", "log-level", applied=(_system(data={"logLevel": "Debug"}, signal={"logLevel": "Debug"}),)),
    Step(
        "update",
        "sources-and-rules",
        applied=(
            _system(_SECOND_SOURCE, data={}),
            *_dedicated("alone", logic=_OTHER_RULE),
            make_strategy("pooled", logic=_OTHER_RULE),
        ),
    ),
    Step("update", "rules", applied=_dedicated("early", "late", "north", "south", logic=_OTHER_RULE)),
    Step(
        "update",
        "resources-and-halt",
        applied=(
            _system(_SECOND_SOURCE, data=_MORE_MEMORY, signal=_MORE_MEMORY, trading="Halted"),
            *_dedicated("beside", **_MORE_MEMORY),
        ),
    ),
    Step(
        "update",
        "placement-and-trade",
        applied=(
            _system(_SECOND_SOURCE, data={}),
            make_strategy("moving"),
            *_dedicated("pooled", logic=_OTHER_RULE),
        ),
    ),
    Step("scale", "out", applied=(_system(_SECOND_SOURCE, data={"replicas": 2}, signal={"replicas": 3}),)),
    Step("scale", "to-zero", applied=(_system(_SECOND_SOURCE, data={"replicas": 0}, signal={"replicas": 0}),)),
    Step("scale", "back", applied=(_system(_SECOND_SOURCE, data={"replicas": 1}, signal={"replicas": 1}),)),
    Step("upgrade", "workload", environment=NEXT_WORKLOAD),
    Step("upgrade", "redis", environment=NEXT_REDIS),
    Step(
        "delete",
        "strategies-and-service",
        applied=(_system(_SECOND_SOURCE, data={"enabled": False}), *map(make_strategy, ("north", "south"))),
        deleted=((STRATEGY, "apart"), (STRATEGY, "moving")),
    ),
    Step(
        "delete",
        "signal-service",
        applied=(_system(_SECOND_SOURCE, data={"enabled": False}, signal={"enabled": False}),),
    ),
    Step("delete", "system", deleted=((TRADING_SYSTEM, SYSTEM),)),
    Step(
        "delete",
        "rest",
        deleted=tuple((STRATEGY, name) for name in ("alone", "beside", "early", "late", "north", "pooled", "south")),
    ),
)
PHASES: Final = tuple(dict.fromkeys(step.phase for step in SCENARIO))
