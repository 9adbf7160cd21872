"""Every child of an object, in the order in which they are written: what pods mount comes before the pods."""

from collections.abc import Sequence

from trading_operator.api.strategy import Strategy
from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import Catalog
from trading_operator.desired.dataservice import (
    build_data_account,
    build_data_configuration,
    build_data_deployment,
    build_data_service,
)
from trading_operator.desired.manifest import Manifest, manifests_of
from trading_operator.desired.redis import (
    build_redis_account,
    build_redis_claim,
    build_redis_server,
    build_redis_service,
)
from trading_operator.desired.runner import build_runner, build_runner_account, build_runner_configuration
from trading_operator.desired.signalservice import (
    build_pool,
    build_signal_account,
    build_signal_deployment,
    build_signal_service,
)
from trading_operator.desired.token import build_token
from trading_workloads.contract import StrategyDocument


def desired_system(
    system: TradingSystem, shared: Sequence[StrategyDocument], catalog: Catalog, token: str
) -> list[Manifest]:
    """Return the children of a TradingSystem, with the Shared strategies that its pool runs."""
    return manifests_of(
        (
            build_redis_account(system),
            build_data_account(system),
            build_signal_account(system),
            build_runner_account(system),
            build_token(system, token),
            build_data_configuration(system),
            build_pool(system, shared),
            build_redis_claim(system),
            build_redis_service(system),
            build_data_service(system),
            build_signal_service(system),
            build_redis_server(system, catalog),
            build_data_deployment(system, catalog),
            build_signal_deployment(system, catalog),
        )
    )


def desired_strategy(
    strategy: Strategy, system: TradingSystem, document: StrategyDocument, catalog: Catalog
) -> list[Manifest]:
    """Return the children of a Strategy: its own pod when it is Dedicated, else none."""
    return manifests_of(
        (
            build_runner_configuration(strategy, system, document),
            build_runner(strategy, system, catalog),
        )
    )
