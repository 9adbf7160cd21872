"""The `TradingSystem` resource: a whole signal-trading platform in one object."""

from typing import Annotated, Literal

from pydantic import Field

from trading_operator.api.backup import Backup
from trading_operator.api.base import API_VERSION, ApiModel, OptionalName
from trading_operator.api.ingress import Ingress
from trading_operator.api.metadata import Condition, Metadata
from trading_operator.api.monitoring import Monitoring
from trading_operator.api.resources import Images
from trading_operator.api.services import Services
from trading_operator.api.stores import Database, EmbeddedDatabase, ManagedRedis, Redis
from trading_operator.api.strategy import Calendar


class Trading(ApiModel):
    """The kill switch of the whole system."""

    state: Literal["Active", "ReduceOnly", "Halted"] = "Active"
    """Active: signals are written. ReduceOnly: exits only. Halted: no signal. Effective in seconds."""


class Security(ApiModel):
    """What protects the system."""

    network_policy: Literal["Enforced", "Disabled"] = "Enforced"
    """Enforced: default deny both ways, then exactly the connections that the system needs."""
    service_mesh: Literal["None", "Istio"] = "None"
    """Istio: strict mutual TLS and authorization where Istio is installed."""
    audit_log: Literal["Enabled", "Disabled"] = "Enabled"
    """Whether the gateway writes a line for every call."""


class Toleration(ApiModel):
    """A taint that pods tolerate, as in a pod."""

    key: Annotated[str, Field(max_length=316)] = ""
    """Key of the taint; empty with operator Exists for all."""
    operator: Literal["Exists", "Equal"] = "Equal"
    """How key and value are compared."""
    value: Annotated[str, Field(max_length=63)] = ""
    """Value of the taint."""
    effect: Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"] = ""
    """Effect; empty for all."""
    toleration_seconds: Annotated[int, Field(ge=0, le=2**31)] | None = None
    """How long NoExecute is tolerated. Absent: for ever."""


class Scheduling(ApiModel):
    """Where pods run."""

    spread_across_zones: bool = True
    """true: replicas of a service are spread over zones and nodes."""
    priority_class_name: OptionalName = ""
    """Priority class; empty for the cluster's default."""
    node_selector: Annotated[dict[str, str], Field(max_length=20)] = Field(default_factory=dict)
    """Labels that a node must have."""
    tolerations: Annotated[list[Toleration], Field(max_length=20)] = Field(default_factory=list)
    """Taints that pods tolerate."""


class Maintenance(ApiModel):
    """When the operator may restart workloads."""

    calendar: Calendar = "XNYS"
    """Exchange calendar whose sessions count."""
    window: Literal["OutsideSession", "Anytime"] = "Anytime"
    """OutsideSession: a change that restarts pods waits for the end of the session."""


class TradingSystemSpec(ApiModel):
    """What the system has. An empty spec is a complete system."""

    suspend: bool = False
    """true: every workload goes to zero and data is kept."""
    trading: Trading = Trading()
    """The kill switch."""
    images: Images = Images()
    """Image of the workloads."""
    redis: Redis = Redis(managed=ManagedRedis())
    """Streams, checkpoints and leases."""
    database: Database = Database(embedded=EmbeddedDatabase())
    """History of bars and signals."""
    services: Services = Services()
    """The five services."""
    ingress: Ingress | None = None
    """The door from outside. Absent: none."""
    monitoring: Monitoring = Monitoring()
    """Metrics, alerts and dashboards."""
    backup: Backup | None = None
    """Backups and drills. Absent: none."""
    security: Security = Security()
    """What protects the system."""
    scheduling: Scheduling = Scheduling()
    """Where pods run."""
    maintenance: Maintenance = Maintenance()
    """When the operator may restart workloads."""


class Component(ApiModel):
    """One workload of the system."""

    name: str
    """Name of the component."""
    ready: bool
    """Whether it does its work."""
    replicas: int = 0
    """Pods that it should have."""
    ready_replicas: int = 0
    """Pods that are ready."""
    message: str = ""
    """What is wrong and what to do, when it is not ready."""


class StrategyCount(ApiModel):
    """Strategies of the system."""

    total: int = 0
    """Strategies that name this system."""
    ready: int = 0
    """Those that are Ready."""


class DrillResult(ApiModel):
    """The newest drill."""

    time: str = ""
    """When it ended."""
    result: str = ""
    """Passed or Failed."""
    recovery_point: str = ""
    """Data that would have been lost."""
    recovery_time: str = ""
    """How long it took."""


class BackupStatus(ApiModel):
    """The newest backup."""

    last_success_time: str = ""
    """When a backup last succeeded."""
    last_verification_time: str = ""
    """When one was last verified."""
    last_drill: DrillResult | None = None
    """The newest drill."""


class TradingSystemStatus(ApiModel):
    """What the operator observed."""

    observed_generation: int = 0
    """Generation of the spec that this status is about."""
    conditions: Annotated[
        list[Condition],
        Field(json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}),
    ] = Field(default_factory=list)
    """Observations; Ready sums them up."""
    release: str = ""
    """Release of the operator that made the children."""
    services: str = ""
    """Services that are ready, of those that should be."""
    components: list[Component] = Field(default_factory=list)
    """Workloads one by one."""
    strategies: StrategyCount = StrategyCount()
    """Strategies of the system."""
    backup: BackupStatus | None = None
    """The newest backup."""
    endpoint: str = ""
    """URL of the gateway."""
    inventory: Annotated[list[str], Field(max_length=5000)] = Field(default_factory=list)
    """group/kind/name of every child."""


class TradingSystem(ApiModel):
    """A signal-trading platform. The operator makes it, keeps it so, and says how it is."""

    api_version: Literal["signaltrading.io/v1alpha1"] = API_VERSION
    kind: Literal["TradingSystem"] = "TradingSystem"
    metadata: Metadata
    spec: TradingSystemSpec = TradingSystemSpec()
    status: TradingSystemStatus = TradingSystemStatus()
