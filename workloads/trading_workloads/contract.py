"""Where the operator and the workloads meet: Redis keys, environment, ports, files and documents, each named once.

Standard library only: the operator imports this module too.
"""

from dataclasses import dataclass
from typing import Final, Literal, NotRequired, TypedDict

DATA_SERVICE: Final = "data-service"
"""Name of the Service and Deployment that bring bars in."""
SIGNAL_SERVICE: Final = "signal-service"
"""Name of the Service and Deployment that run the shared strategies and answer for signals."""
REDIS_SERVICE: Final = "redis-service"
"""Name of the Service of Redis."""

REDIS_PORT: Final = 6379
HTTP_PORT: Final = 8080
"""Port of every service, for its API, `/health`, `/ready` and `/metrics`."""

NAMESPACE_VARIABLE: Final = "TRADING_NAMESPACE"
SYSTEM_VARIABLE: Final = "TRADING_SYSTEM"
STRATEGY_VARIABLE: Final = "TRADING_STRATEGY"
"""Name of the strategy that a Dedicated pod runs."""
HOLDER_VARIABLE: Final = "POD_NAME"
"""Who holds a lease; the same pod takes its leases back at once after a restart of its container."""
REDIS_URL_VARIABLE: Final = "REDIS_URL"
LOG_LEVEL_VARIABLE: Final = "LOG_LEVEL"
CONFIG_DIRECTORY_VARIABLE: Final = "TRADING_CONFIG_DIRECTORY"
PORT_VARIABLE: Final = "TRADING_HTTP_PORT"
"""Port to serve on instead of `HTTP_PORT`."""
LEASE_SECONDS_VARIABLE: Final = "TRADING_LEASE_SECONDS"
"""How long a lease outlives its holder; `LEASE_SECONDS` when unset."""
TOKEN_FILE_VARIABLE: Final = "TRADING_TOKEN_FILE"  # noqa: S105 - the name of a variable, not a secret

LEASE_SECONDS: Final = 6.0

CONFIG_DIRECTORY: Final = "/etc/trading"
"""Folder of the mounted ConfigMap: `system.json` for the data service, `<strategy>.json` for runners."""
SYSTEM_FILE: Final = "system.json"
TRADING_STATE_FILE: Final = "trading_state.json"
"""Optional file beside the strategies, `{"trading": "Active"}`: the kill switch where Redis has no push."""
TOKEN_FILE: Final = "/etc/trading-internal/token"  # noqa: S105 - the path of a file, not a secret

CONTROL_PATH: Final = "/internal/control"
STATUS_PATH: Final = "/internal/status"
TOKEN_HEADER: Final = "X-Trading-Token"  # noqa: S105 - the API server's proxy drops Authorization, so a header of our own
SIGNALS_PATH: Final = "/api/v1/signals"

SIGNAL_SCHEMA: Final = "signaltrading.io/signal/v1"

Clock = Literal["replay", "wall"]
"""How bars are dated. replay: a strategy starts at the first bar of the stream. wall: at the next bar."""

TradingState = Literal["Active", "ReduceOnly", "Halted"]


@dataclass(frozen=True, slots=True)
class SystemKeys:
    """The Redis keys of one system; all share a hash tag, so that a cluster keeps them in one slot."""

    namespace: str
    system: str

    def _key(self, *parts: str) -> str:
        return ":".join((f"{{{self.namespace}/{self.system}}}", *parts))

    def bars(self, source: str, timeframe: str) -> str:
        """Stream: one entry per close, id `<close ms>-0`, fields as in `BarEntry`."""
        return self._key("bars", source, timeframe)

    def sources(self) -> str:
        """Hash: source name to a `SourceDocument` as JSON."""
        return self._key("sources")

    def quarantine(self, source: str) -> str:
        """Stream, capped: bars that were refused at the door, each with its reason."""
        return self._key("quarantine", source)

    def quarantine_counts(self, source: str) -> str:
        """Hash: reason to number of refused bars."""
        return self._key("quarantine-counts", source)

    def signals(self, strategy: str) -> str:
        """Stream: one entry per signal, id `<bar close ms>-<number>`, field `signal` with the record as JSON."""
        return self._key("signals", strategy)

    def checkpoint(self, strategy: str) -> str:
        """Hash: `revision anchor bar positions token uid`, written together with the signals of a bar."""
        return self._key("checkpoint", strategy)

    def lease(self, strategy: str) -> str:
        """Hash with a time to live: `holder token`."""
        return self._key("lease", strategy)

    def fencing(self, strategy: str) -> str:
        """Counter: the newest fencing token; never expires."""
        return self._key("fencing", strategy)

    def control(self) -> str:
        """String: the `ControlDocument` that was pushed last, as JSON."""
        return self._key("control")

    def control_channel(self) -> str:
        """Channel: a message for each push, so that runners need not poll."""
        return self._key("control-changed")

    def status(self) -> str:
        """Hash: strategy name to a `StrategyReport` as JSON."""
        return self._key("status")


class BarEntry(TypedDict):
    """Fields of an entry of a bar stream; the lists are JSON arrays with one value per symbol that has the bar.

    `barOpen` is when the bar began, in milliseconds of UTC.
    """

    barOpen: str
    symbols: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    clock: Clock


class SourceDocument(TypedDict):
    """What a source of bars has."""

    symbols: list[str]
    timeframe: str
    clock: Clock


class StrategyDocument(TypedDict):
    """One strategy as a runner gets it, from the mounted ConfigMap or by a push."""

    name: str
    uid: str
    generation: int
    revision: str
    spec: dict[str, object]


class ControlDocument(TypedDict):
    """Everything that the runners of one system should do."""

    trading: TradingState
    strategies: dict[str, StrategyDocument]


class LastSignalReport(TypedDict):
    """The newest signal of a strategy."""

    time: str
    symbol: str
    action: str


class RunnerProblem(TypedDict):
    """Why a strategy does not run: a reason in one word, and where, what was found, what was expected."""

    reason: str
    message: str


class StrategyReport(TypedDict):
    """How one strategy runs, as its runner sees it. Only values that change with bars, never a clock that ticks."""

    uid: str
    generation: int
    revision: str
    state: str
    holder: str
    barsSeen: int
    warm: bool
    warmSymbols: int
    lastBar: str
    signals: int
    lastSignal: NotRequired[LastSignalReport]
    problem: NotRequired[RunnerProblem]


class StatusDocument(TypedDict):
    """Answer of `GET /internal/status`."""

    trading: TradingState
    strategies: dict[str, StrategyReport]
    sources: dict[str, SourceDocument]
