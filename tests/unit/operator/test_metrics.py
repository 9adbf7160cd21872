from prometheus_client.exposition import generate_latest

from tests.unit.operator.factories import strategy_body, system_body
from trading_operator.metrics import CONDITION, ConditionCollector, Metrics
from trading_operator.objectstore import ObjectStore


def with_condition(body: dict[str, object], status: str) -> dict[str, object]:
    return {**body, "status": {"conditions": [{"type": "Ready", "status": status}]}}


def test_conditions_are_read_from_the_objects_as_they_are_at_a_scrape() -> None:
    store, metrics = ObjectStore(), Metrics()
    metrics.registry.register(ConditionCollector(store.conditions))
    store.put(with_condition(system_body(), "True"))
    store.put(with_condition(strategy_body(), "False"))
    store.put(strategy_body("newcomer"))
    written = [line for line in generate_latest(metrics.registry).decode().splitlines() if line.startswith(CONDITION)]
    labels = 'namespace="trading",status="{}",type="Ready"'
    assert written == [
        f'{CONDITION}{{kind="TradingSystem",name="desk",{labels.format("True")}}} 1.0',
        f'{CONDITION}{{kind="Strategy",name="alpha",{labels.format("False")}}} 1.0',
    ]
    store.remove(strategy_body())
    assert b"alpha" not in generate_latest(metrics.registry)
