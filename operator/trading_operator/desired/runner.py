"""The pod of a Dedicated strategy."""

from kubernetes.client import V1ConfigMap, V1Deployment, V1ServiceAccount

from trading_operator.api.strategy import Strategy
from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.catalog import Catalog
from trading_operator.defaults import RUNNER_RESOURCES
from trading_operator.desired.configuration import build_config_map, runner_files
from trading_operator.desired.deployment import build_deployment
from trading_operator.desired.pod import Workload
from trading_operator.desired.service import build_account
from trading_operator.names import RUNNER_ACCOUNT, RUNNER_COMPONENT, runner_name
from trading_workloads.contract import STRATEGY_VARIABLE, StrategyDocument


def build_runner_account(system: TradingSystem) -> V1ServiceAccount:
    """Return the account that the pods of all Dedicated strategies of a system share."""
    return build_account(system, RUNNER_ACCOUNT, RUNNER_COMPONENT)


def build_runner_configuration(
    strategy: Strategy, system: TradingSystem, document: StrategyDocument
) -> V1ConfigMap | None:
    """Return the ConfigMap from which the pod starts, or None for a Shared strategy."""
    if strategy.spec.placement != "Dedicated":
        return None
    files = runner_files([document], system.spec.trading.state)
    return build_config_map(strategy, runner_name(strategy.metadata.name), RUNNER_COMPONENT, files)


def build_runner(strategy: Strategy, system: TradingSystem, catalog: Catalog) -> V1Deployment | None:
    """Return the Deployment of the strategy's own pod, or None for a Shared strategy."""
    if strategy.spec.placement != "Dedicated":
        return None
    name = runner_name(strategy.metadata.name)
    workload = Workload(
        owner=strategy,
        component=RUNNER_COMPONENT,
        command="strategy",
        account=RUNNER_ACCOUNT,
        config_map=name,
        images=system.spec.images,
        catalog=catalog,
        resources=strategy.spec.resources,
        default_resources=RUNNER_RESOURCES,
        log_level=system.spec.services.signal.log_level,
        environment={STRATEGY_VARIABLE: strategy.metadata.name},
    )
    return build_deployment(workload, name, replicas=1, update="Overlap")
