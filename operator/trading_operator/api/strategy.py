"""The `Strategy` resource: one rule over a universe, run by the system that it names."""

from typing import Annotated, Any, Literal

from pydantic import Field

from trading_operator.api.base import (
    API_VERSION,
    ApiModel,
    DecimalString,
    Duration,
    LocalReference,
    NonNegativeDecimal,
    Number,
    ObjectName,
)
from trading_operator.api.calendars import CalendarName
from trading_operator.api.cel import CelRule
from trading_operator.api.logic import Identifier, Logic, Symbol
from trading_operator.api.metadata import Condition, Metadata
from trading_operator.api.resources import Resources

Timeframe = Literal["1m", "5m", "15m", "1h", "1d"]
Calendar = Annotated[CalendarName, Field(json_schema_extra={"x-expected": "an exchange calendar's code, such as XNYS"})]


class Universe(ApiModel):
    """The symbols that a strategy looks at."""

    symbols: Annotated[
        list[Symbol], Field(min_length=1, max_length=2000, json_schema_extra={"x-kubernetes-list-type": "set"})
    ]
    """Symbols as the data source names them, each once. Their order is the order of signals within a bar."""
    calendar: Calendar = "XNYS"
    """Exchange calendar whose sessions count."""
    session: Literal["Regular", "Extended"] = "Regular"
    """Whether bars outside the regular session are seen."""


class LateBars(ApiModel):
    """What happens to a bar that comes after its time."""

    grace: Duration = "5s"
    """How long after its close a bar still counts as on time."""
    policy: Literal["Drop", "Accept"] = "Drop"
    """Drop: a late bar is counted and not evaluated. Accept: it is evaluated when it comes."""


class StrategyData(ApiModel):
    """Where the bars come from and how they are read."""

    source: ObjectName
    """Name of one of the system's `services.data.sources`."""
    timeframe: Timeframe = "1d"
    """Length of a bar. The source must publish it."""
    adjustment: Literal["Raw", "PointInTime"] = "Raw"
    """Raw: prices as traded. PointInTime: rebased at each split and dividend, on its day and not before."""
    late_bars: LateBars = LateBars()
    """What happens to late bars."""
    gaps: Literal["Skip", "Halt"] = "Skip"
    """Skip: a missing bar does not exist for that symbol. Halt: the symbol waits until its history is whole."""
    max_staleness: Annotated[int, Field(ge=1, le=1000)] = 2
    """Number of bars that may be missing before the data counts as stale."""


class Warmup(ApiModel):
    """How many bars come before the first evaluation."""

    bars: Annotated[
        Literal["Auto"] | Annotated[int, Field(ge=0, le=100000)],
        Field(json_schema_extra={"x-kubernetes-int-or-string": True, "x-expected": "Auto or a number of bars"}),
    ] = "Auto"
    """Auto: derived from the rules. A number: that many first bars are never evaluated."""
    tolerance: DecimalString = "1e-6"
    """A recursive indicator is warm when the weight of what came before the first bar is under this."""


class Parameter(ApiModel):
    """A named constant of the rules."""

    value: Number
    """The value that the rules see."""
    min: Number | None = None
    """Smallest sensible value; a smaller one is refused."""
    max: Number | None = None
    """Largest sensible value; a larger one is refused."""


class SignalSettings(ApiModel):
    """Which decisions become signals."""

    ttl: Duration = "1d"
    """How long after the bar's close a signal may be acted on."""
    min_strength: NonNegativeDecimal = "0"
    """Entries whose strength is smaller, whatever its sign, are not taken."""
    cooldown_bars: Annotated[int, Field(ge=0, le=100000)] = 0
    """Bars of a symbol after an exit during which it is not entered again."""


class Sizing(ApiModel):
    """How much weight a signal asks for."""

    method: Literal["EqualWeight", "FixedWeight", "VolatilityTarget"] = "EqualWeight"
    """EqualWeight: one over the number of symbols. FixedWeight: `maxWeight`. VolatilityTarget: by recent volatility."""
    annual_volatility: DecimalString = "10%"
    """Target of VolatilityTarget, per year."""
    max_weight: DecimalString = "20%"
    """Largest weight of one symbol."""


class DrawdownLimit(ApiModel):
    """A limit on the fall from the strategy's highest value."""

    limit: DecimalString
    """Largest fall that is allowed."""
    window_bars: Annotated[int, Field(ge=1, le=100000)] = 60
    """Bars over which the highest value is taken."""
    action: Literal["Halt", "ReduceOnly", "Alert"] = "Halt"
    """What happens beyond the limit."""


class StrategyRisk(ApiModel):
    """Limits of this strategy; the system's limits hold beside them."""

    max_drawdown: DrawdownLimit | None = None
    """Limit on drawdown. Absent: none."""
    max_signals_per_hour: Annotated[int, Field(ge=1, le=1000000)] = 3600
    """Most signals in an hour; more are held back and counted."""


class OptionalReference(ApiModel):
    """An object of the same namespace, or none when the name is empty."""

    name: Annotated[str, Field(pattern=r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$")] = ""
    """Name of the object; empty for none."""


class Rollout(ApiModel):
    """How a new revision takes over."""

    strategy: Literal["Shadow", "Immediate"] = "Immediate"
    """Shadow: the new revision first runs beside the active one. Immediate: it takes over at the next bar."""
    window: Literal["OutsideSession", "Anytime"] = "Anytime"
    """When a promotion may happen."""
    min_bars: Annotated[int, Field(ge=0, le=100000)] = 20
    """Bars that a candidate must run in shadow."""
    max_divergence: DecimalString = "5%"
    """Largest share of bars on which candidate and active revision may differ."""
    backtest_ref: OptionalReference = OptionalReference()
    """A Backtest that must be Ready before promotion."""
    on_failure: Literal["Rollback", "Hold"] = "Rollback"
    """What happens to a candidate that fails."""
    revision_history_limit: Annotated[int, Field(ge=1, le=50)] = 10
    """How many revisions `status.history` keeps."""


class StrategySpec(ApiModel):
    """What a strategy is and how it runs."""

    system_ref: LocalReference
    """The TradingSystem, in the same namespace, that runs this strategy."""
    state: Literal["Running", "Paused", "Halted"] = "Running"
    """Running: signals are written. Paused: bars are followed, nothing is written. Halted: the same, by a limit.

    Applied without a restart."""
    mode: Literal["Shadow", "Paper", "Live"] = "Paper"
    """Shadow: recorded only. Paper: handed to the paper portfolio. Live: handed to the execution stream."""
    placement: Literal["Shared", "Dedicated"] = "Shared"
    """Shared: runs in the signal service's pool. Dedicated: has a Deployment of its own."""
    universe: Universe
    """What is looked at."""
    data: StrategyData
    """Where bars come from."""
    warmup: Warmup = Warmup()
    """How many bars come before the first evaluation."""
    parameters: Annotated[dict[Identifier, Parameter], Field(max_length=64)] = Field(default_factory=dict)
    """Named constants of the rules."""
    logic: Logic
    """What is computed."""
    signals: SignalSettings = SignalSettings()
    """Which decisions become signals."""
    sizing: Sizing = Sizing()
    """How much weight a signal asks for."""
    risk: StrategyRisk = StrategyRisk()
    """Limits of this strategy."""
    rollout: Rollout = Rollout()
    """How a new revision takes over."""
    resources: Resources = Resources()
    """CPU and memory of a Dedicated strategy's pod."""

    cel_rules = (
        CelRule(
            "!has(self.logic.code) || self.placement == 'Dedicated'",
            "expected placement Dedicated for logic.code; found Shared: custom code never runs beside other strategies",
            lambda model: model.logic.code is None or model.placement == "Dedicated",
        ),
    )


class LastSignal(ApiModel):
    """The newest signal of a strategy."""

    time: str = ""
    """Close of the bar, in UTC."""
    symbol: str = ""
    """Symbol that it is about."""
    action: str = ""
    """EnterLong, ExitLong, EnterShort or ExitShort."""


class RevisionRecord(ApiModel):
    """One revision that ran."""

    revision: str
    """Hash of the logic and the workload image."""
    activated_time: str = ""
    """When it became active."""
    outcome: str = ""
    """Active, Superseded, RolledBack."""


class StrategyStatus(ApiModel):
    """What the operator observed."""

    observed_generation: int = 0
    """Generation of the spec that this status is about."""
    conditions: Annotated[
        list[Condition],
        Field(json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}),
    ] = Field(default_factory=list)
    """Observations; Ready sums them up."""
    logic: str = ""
    """Kind of logic."""
    expanded_rules: Annotated[
        dict[str, Any], Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True})
    ] = Field(default_factory=dict)
    """What the logic means, as rules."""
    warmup_bars: int = 0
    """Bars that are needed before the first evaluation."""
    active_revision: str = ""
    """Revision whose signals are written."""
    candidate_revision: str = ""
    """Revision that waits for promotion."""
    last_signal: LastSignal | None = None
    """The newest signal."""
    last_signal_text: str = ""
    """The newest signal in a few words, for the column of kubectl get."""
    history: Annotated[list[RevisionRecord], Field(max_length=50)] = Field(default_factory=list)
    """Revisions that ran, newest first."""


class Strategy(ApiModel):
    """A trading rule over a universe of symbols. The operator has it computed, exactly once per bar."""

    api_version: Literal["signaltrading.io/v1alpha1"] = API_VERSION
    kind: Literal["Strategy"] = "Strategy"
    metadata: Metadata
    spec: StrategySpec
    status: StrategyStatus = StrategyStatus()
