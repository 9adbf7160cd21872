"""Children are drawn anew exactly when something that they follow from has changed."""

from collections.abc import Sequence

from tests.unit.operator.factories import CATALOG, TOKEN, make_strategy, make_system
from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import Catalog
from trading_operator.desired.configuration import strategy_document
from trading_operator.manifests import SYSTEMS_KEPT, SystemManifests
from trading_operator.observed import Document
from trading_workloads.contract import StrategyDocument


class Drawing:
    """A drawing office that counts."""

    def __init__(self) -> None:
        self.drawn = 0

    def __call__(
        self, _system: TradingSystem, _shared: Sequence[StrategyDocument], _catalog: Catalog, _token: str
    ) -> list[Document]:
        self.drawn += 1
        return [{"number": self.drawn}]


def system_of(uid: str, generation: int = 1) -> TradingSystem:
    system = make_system()
    metadata = system.metadata.model_copy(update={"uid": uid, "generation": generation})
    return system.model_copy(update={"metadata": metadata})


def test_children_are_drawn_once_while_nothing_changes() -> None:
    manifests = SystemManifests(drawing := Drawing(), CATALOG)
    first = manifests.of(system_of("a"), [], TOKEN)
    assert manifests.of(system_of("a"), [], TOKEN) is first
    assert drawing.drawn == 1


def test_every_cause_draws_anew() -> None:
    manifests = SystemManifests(drawing := Drawing(), CATALOG)
    shared = [strategy_document(make_strategy(), "r1")]
    manifests.of(system_of("a"), [], TOKEN)
    manifests.of(system_of("a", generation=2), [], TOKEN)
    manifests.of(system_of("a", generation=2), shared, TOKEN)
    manifests.of(system_of("a", generation=2), [strategy_document(make_strategy(), "r2")], TOKEN)
    manifests.of(system_of("a", generation=2), shared, "another")
    manifests.of(system_of("b", generation=2), shared, "another")
    assert drawing.drawn == 6


def test_systems_asked_for_long_ago_are_forgotten() -> None:
    manifests = SystemManifests(drawing := Drawing(), CATALOG)
    for number in range(SYSTEMS_KEPT + 1):
        manifests.of(system_of(str(number)), [], TOKEN)
        manifests.of(system_of("0"), [], TOKEN)
    assert drawing.drawn == SYSTEMS_KEPT + 1
    manifests.of(system_of("1"), [], TOKEN)
    assert drawing.drawn == SYSTEMS_KEPT + 2
