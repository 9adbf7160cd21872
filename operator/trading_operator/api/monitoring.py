"""How a system is watched: metrics, thresholds, notifications."""

from typing import Annotated, Literal

from pydantic import Field

from trading_operator.api.base import ApiModel, Duration, Key
from trading_operator.api.cel import CelRule
from trading_operator.api.resources import SecretKeyReference

_ORDERED = CelRule(
    "self.warning <= self.critical", "expected warning <= critical", lambda model: model.warning <= model.critical
)


class PercentThreshold(ApiModel):
    """Two severities, in percent."""

    cel_rules = (_ORDERED,)

    warning: Annotated[int, Field(ge=0, le=100)]
    """From here on a warning."""
    critical: Annotated[int, Field(ge=0, le=100)]
    """From here on critical."""


class TimeThreshold(ApiModel):
    """Two severities, in the unit that the field's name says."""

    cel_rules = (_ORDERED,)

    warning: Annotated[int, Field(ge=0, le=86400)]
    """From here on a warning."""
    critical: Annotated[int, Field(ge=0, le=86400)]
    """From here on critical."""


class Thresholds(ApiModel):
    """When alerts fire."""

    cpu: PercentThreshold = PercentThreshold(warning=70, critical=90)
    """CPU, in percent of the limit."""
    memory: PercentThreshold = PercentThreshold(warning=80, critical=95)
    """Memory, in percent of the limit."""
    error_rate: PercentThreshold = PercentThreshold(warning=2, critical=5)
    """Failed requests, in percent."""
    response_time_p95_seconds: TimeThreshold = TimeThreshold(warning=2, critical=5)
    """95th percentile of response times, in seconds."""
    downtime_minutes: TimeThreshold = TimeThreshold(warning=1, critical=5)
    """Time without an answer, in minutes."""


class Slack(ApiModel):
    """Alerts to a Slack channel."""

    webhook_secret_ref: SecretKeyReference = SecretKeyReference(key="url")
    """Secret with the webhook's URL."""
    channel: Annotated[str, Field(max_length=80)] = ""
    """Channel; empty for the webhook's own."""


class PagerDuty(ApiModel):
    """Critical alerts to PagerDuty."""

    routing_key_secret_ref: SecretKeyReference = SecretKeyReference(key="key")
    """Secret with the routing key."""


class Notifications(ApiModel):
    """Where alerts go."""

    slack: Slack | None = None
    """Alerts to a Slack channel."""
    pager_duty: PagerDuty | None = None
    """Critical alerts to PagerDuty."""


class MonitoringAuth(SecretKeyReference):
    """Users of the monitoring pages, as htpasswd in a Secret."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")] = "monitoring-auth"
    """Name of the Secret."""
    key: Key = "auth"
    """Key that holds the htpasswd lines."""


class Monitoring(ApiModel):
    """Metrics, alerts and dashboards."""

    mode: Literal["Standalone", "PrometheusOperator", "Disabled"] = "Standalone"
    """Standalone: own Prometheus, Alertmanager and Grafana. PrometheusOperator: objects for one that is there."""
    dedicated_namespace: bool = False
    """true: the monitoring children live in `<namespace>-monitoring`."""
    retention: Duration = "15d"
    """How long metrics are kept."""
    thresholds: Thresholds = Thresholds()
    """When alerts fire."""
    notifications: Notifications = Notifications()
    """Where alerts go."""
    auth_secret_ref: MonitoringAuth = MonitoringAuth()
    """Users of the monitoring pages."""
