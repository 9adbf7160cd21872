from tests.unit.operator.factories import CATALOG, accepted, children, make_strategy, make_system
from trading_operator.desired.children import desired_strategy
from trading_operator.desired.configuration import strategy_document
from trading_operator.desired.replicas import fixed_by
from trading_operator.kinds import PODS_MAKERS
from trading_operator.observed import kind_of


def test_every_fixed_number_of_pods_has_a_field_that_fixes_it() -> None:
    strategy = make_strategy(placement="Dedicated")
    document = strategy_document(strategy, accepted(strategy).revision)
    manifests = [*children(make_system()).values(), *desired_strategy(strategy, make_system(), document, CATALOG)]
    found = {
        document["metadata"]["name"]: fixed_by(document) for document in manifests if kind_of(document) in PODS_MAKERS
    }
    assert found == {
        "redis-service": "spec.redis.managed.topology",
        "data-service": "spec.services.data.replicas",
        "signal-service": "spec.services.signal.replicas",
        "strategy-alpha": "spec.placement",
    }
