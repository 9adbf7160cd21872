"""The children that systems should have: drawn anew only when something that they follow from has changed."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import Catalog
from trading_operator.observed import Document
from trading_workloads.contract import StrategyDocument

SYSTEMS_KEPT: Final = 64
"""A rollout brings the same pass of a system again and again; what a pass every ten minutes needs is not kept."""

DesiredSystem = Callable[[TradingSystem, Sequence[StrategyDocument], Catalog, str], list[Document]]
"""Returns the children of a system with these Shared strategies, this catalog and this token."""


class _Cause(NamedTuple):
    """All that the children of one system follow from, under one catalog."""

    generation: int
    shared: list[StrategyDocument]
    token: str


@dataclass(slots=True)
class SystemManifests:
    """Draws the children of systems, and remembers those of the systems asked for last: nobody may change them."""

    draw: DesiredSystem
    catalog: Catalog
    _kept: OrderedDict[str, tuple[_Cause, list[Document]]] = field(default_factory=OrderedDict)

    def of(self, system: TradingSystem, shared: Sequence[StrategyDocument], token: str) -> list[Document]:
        """Return the children of a system with these Shared strategies and this token."""
        cause = _Cause(system.metadata.generation, list(shared), token)
        known = self._kept.get(system.metadata.uid)
        if known is None or known[0] != cause:
            known = self._kept[system.metadata.uid] = (cause, self.draw(system, shared, self.catalog, token))
        self._kept.move_to_end(system.metadata.uid)
        if len(self._kept) > SYSTEMS_KEPT:
            self._kept.popitem(last=False)
        return known[1]
