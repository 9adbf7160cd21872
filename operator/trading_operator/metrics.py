"""What the operator counts; the names are a contract with dashboards and alerts."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from trading_operator.catalog import RELEASE

CONDITION: Final = "trading_operator_resource_condition"
ConditionSample = tuple[str, str, str, str, str]
"""Kind, namespace and name of an object, type and status of one of its conditions."""


@dataclass(frozen=True, slots=True)
class ConditionCollector(Collector):
    """The conditions of our objects, read when they are asked for: nothing is kept for a scrape."""

    samples: Callable[[], Iterable[ConditionSample]]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the one family."""
        names = ("kind", "namespace", "name", "type", "status")
        family = GaugeMetricFamily(CONDITION, "Conditions of our objects: 1, labelled by the status.", labels=names)
        for sample in self.samples():
            family.add_metric(sample, 1)
        yield family


class Metrics:
    """Every metric of one operator, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library gives it no types
        self.registry = CollectorRegistry()
        prefix, registry = "trading_operator", self.registry
        self.reconcile = Counter(f"{prefix}_reconcile", "Passes.", ("kind", "result"), registry=registry)
        self.reconcile_seconds = Histogram(
            f"{prefix}_reconcile_duration_seconds", "Length of a pass.", ("kind",), registry=registry
        )
        self.queue_depth = Gauge(f"{prefix}_queue_depth", "Objects that wait for a pass.", registry=registry)
        self.queue_wait = Histogram(
            f"{prefix}_queue_wait_seconds", "Wait of an object for its pass.", registry=registry
        )
        self.watch_age = Gauge(
            f"{prefix}_watch_age_seconds",
            "Time since a watch was last heard, the longest of all kinds.",
            registry=registry,
        )
        self.loop_lag = Gauge(
            f"{prefix}_loop_lag_seconds", "How late the event loop came to its last beat.", registry=registry
        )
        self.api_requests = Counter(
            f"{prefix}_api_requests", "Requests to the API server.", ("verb", "kind", "code"), registry=registry
        )
        self.apply_conflicts = Counter(
            f"{prefix}_apply_conflicts", "Fields held by another manager.", registry=registry
        )
        self.drift_corrections = Counter(
            f"{prefix}_drift_corrections",
            "Children put back after somebody changed them.",
            ("kind",),
            registry=registry,
        )
        self.children_pruned = Counter(
            f"{prefix}_children_pruned", "Children removed because nothing asks for them.", ("kind",), registry=registry
        )
        self.leader = Gauge(f"{prefix}_leader", "1 for the replica that writes.", registry=registry)
        build = Gauge(f"{prefix}_build_info", "Release of the operator.", ("release",), registry=registry)
        build.labels(RELEASE).set(1)
