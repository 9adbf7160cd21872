"""The five services of a system, and where its data service takes bars from."""

from typing import Annotated, Literal

from pydantic import Field

from trading_operator.api.base import ApiModel, DecimalString, Duration, Key, ObjectName, PositiveNumber
from trading_operator.api.cel import CelRule, at_most_one_of, exactly_one_of
from trading_operator.api.resources import Resources, SecretKeyReference
from trading_operator.api.strategy import Calendar, Timeframe

Replicas = Annotated[int, Field(ge=0, le=100)]
Percent = Annotated[int, Field(ge=1, le=100)]


class Autoscaling(ApiModel):
    """Horizontal scaling by load."""

    cel_rules = (
        CelRule(
            "self.minReplicas <= self.maxReplicas",
            "expected minReplicas <= maxReplicas",
            lambda model: model.min_replicas <= model.max_replicas,
        ),
    )

    min_replicas: Annotated[int, Field(ge=1, le=100)] = 2
    """Fewest pods, however low the load."""
    max_replicas: Annotated[int, Field(ge=1, le=100)] = 10
    """Most pods, however high the load."""
    target_cpu: Annotated[Percent, Field(alias="targetCPU")] = 70
    """CPU to aim at, in percent of the request."""
    target_memory: Percent = 80
    """Memory to aim at, in percent of the request."""
    requests_per_second: Annotated[int, Field(ge=1, le=1000000)] | None = None
    """Requests per second and pod to aim at. Absent: not looked at."""
    window: Duration = "5m"
    """How long load must be lower before pods are taken away."""


class Service(ApiModel):
    """What every service has."""

    cel_rules = (at_most_one_of("replicas", "autoscaling"),)

    enabled: bool = True
    """false: the service's children are removed."""
    replicas: Replicas | None = None
    """Fixed number of pods; 1 when neither this nor `autoscaling` is set."""
    autoscaling: Autoscaling | None = None
    """Number of pods by load."""
    vertical_scaling: Literal["Disabled", "Recommend", "Auto"] = "Disabled"
    """Whether a VerticalPodAutoscaler recommends or sets requests."""
    resources: Resources = Resources()
    """CPU and memory of each pod; empty amounts take the operator's defaults."""
    log_level: Literal["Debug", "Info", "Warning", "Error"] = "Info"
    """Least important log lines that are written."""


class ReplaySource(ApiModel):
    """Recorded bars, published one close after another as if they happened now."""

    dataset: Literal["bokeh-stocks"] = "bokeh-stocks"
    """Recording. bokeh-stocks: daily bars of AAPL, FB, GOOG, IBM and MSFT, 2000 to 2013."""
    bars_per_second: PositiveNumber = "5"
    """Closes published per second, greater than 0; all symbols of a close come together."""


class CsvSource(ApiModel):
    """Bars from a CSV or Parquet file."""

    config_map_ref: Annotated[str, Field(max_length=253)] = ""
    """Name of the ConfigMap that has the file."""
    key: Key = "bars.csv"
    """Key inside the ConfigMap."""


class HttpSource(ApiModel):
    """Bars from a JSON or CSV interface."""

    url: Annotated[
        str,
        Field(
            pattern=r"^https?://\S+$",
            max_length=2000,
            json_schema_extra={"x-expected": "an http or https URL template"},
        ),
    ]
    """URL with `{symbol}`, `{start}` and `{end}`."""
    key_secret_ref: SecretKeyReference = SecretKeyReference(key="key")
    """Secret with the vendor's key."""


class CcxtSource(ApiModel):
    """Bars from a crypto exchange."""

    exchange: Annotated[str, Field(pattern=r"^[a-z0-9]{1,40}$")]
    """The exchange's identifier in ccxt."""
    symbols: Annotated[list[str], Field(min_length=1, max_length=500)]
    """Symbols as ccxt writes them."""


class Source(ApiModel):
    """One source of bars: just one of the four kinds."""

    cel_rules = (exactly_one_of("replay", "csv", "http", "ccxt"),)

    name: ObjectName
    """Name that strategies refer to."""
    timeframe: Timeframe = "1d"
    """Length of its bars."""
    calendar: Calendar = "XNYS"
    """Exchange calendar that dates the closes."""
    replay: ReplaySource | None = None
    """Recorded bars."""
    csv: CsvSource | None = None
    """Bars from a file."""
    http: HttpSource | None = None
    """Bars from a web interface."""
    ccxt: CcxtSource | None = None
    """Bars from a crypto exchange."""


class DataService(Service):
    """The service that brings bars in."""

    sources: Annotated[
        list[Source],
        Field(
            max_length=20, json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
        ),
    ] = Field(default_factory=list)
    """Where bars come from."""


class Jwt(ApiModel):
    """How tokens are checked."""

    issuer: Annotated[str, Field(max_length=512)] = ""
    """Expected issuer; empty for any."""
    audience: Annotated[str, Field(max_length=512)] = ""
    """Expected audience; empty for any."""
    secret_ref: SecretKeyReference = SecretKeyReference(name="gateway-secrets", key="jwt-secret")
    """Shared secret for HS256."""
    jwks_config_map_ref: Annotated[SecretKeyReference, Field()] = SecretKeyReference(key="jwks.json")
    """ConfigMap with public keys."""


class Authentication(ApiModel):
    """Who may come in."""

    jwt: Jwt = Jwt()
    """By JSON web token."""


class RateLimit(ApiModel):
    """How many requests a subject may make."""

    requests_per_minute: Annotated[int, Field(ge=1, le=1000000)] = 600
    """Steady rate per subject."""
    burst: Annotated[int, Field(ge=1, le=1000000)] = 100
    """Requests that may come at once."""


class GatewayService(Service):
    """The only door."""

    authentication: Authentication = Authentication()
    """Who may come in."""
    rate_limit: RateLimit = RateLimit()
    """How many requests a subject may make."""


class SignalService(Service):
    """The runner pool and the queries of signals."""

    shards: Annotated[int, Field(ge=1, le=64)] = 1
    """Pods over which the shared strategies are spread."""


class RiskLimits(ApiModel):
    """Limits over all strategies of the system."""

    max_gross_exposure: DecimalString = "100%"
    """Largest sum of absolute weights."""
    max_position_weight: DecimalString = "20%"
    """Largest weight of one symbol."""
    max_drawdown: DecimalString = "10%"
    """Largest fall from the highest value."""
    max_signals_per_minute: Annotated[int, Field(ge=1, le=1000000)] = 600
    """Most signals in a minute."""


class Portfolio(ApiModel):
    """The paper portfolio."""

    starting_cash: DecimalString = "1000000"
    """Cash at the start."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    """ISO 4217 code."""
    fee_bps: DecimalString = "1"
    """Fee per trade, in basis points."""
    slippage_bps: DecimalString = "2"
    """Slippage per trade, in basis points."""


class RiskService(Service):
    """The service that applies limits and keeps the portfolio."""

    limits: RiskLimits = RiskLimits()
    """Limits over all strategies."""
    portfolio: Portfolio = Portfolio()
    """The paper portfolio."""


class Services(ApiModel):
    """The five services."""

    data: DataService = DataService()
    """Brings bars in."""
    gateway: GatewayService = GatewayService()
    """The only door."""
    signal: SignalService = SignalService()
    """Runs strategies and answers for signals."""
    ml: Service = Service()
    """Trains and serves models."""
    risk: RiskService = RiskService()
    """Applies limits, sizes positions."""
