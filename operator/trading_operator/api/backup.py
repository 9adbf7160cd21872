"""Backups of a system, and the drills that prove them."""

from typing import Annotated, Literal

from pydantic import Field

from trading_operator.api.base import ApiModel, CronSchedule, Duration, ObjectName, Quantity
from trading_operator.api.cel import at_most_one_of
from trading_operator.api.stores import CredentialsReference


class BackupVolume(ApiModel):
    """A volume claim for backups."""

    size: Quantity = "10Gi"
    """Size of the claim."""


class S3(ApiModel):
    """A bucket for backups."""

    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    """Name of the bucket."""
    endpoint: Annotated[str, Field(max_length=512)] = ""
    """Endpoint; empty for the vendor's own."""
    region: Annotated[str, Field(max_length=64)] = ""
    """Region of the bucket; empty for the endpoint's own."""
    credentials_secret_ref: CredentialsReference = CredentialsReference()
    """Keys of the bucket."""


class BackupStorage(ApiModel):
    """Where backups go: one of the two, or none for no backup."""

    cel_rules = (at_most_one_of("persistentVolumeClaim", "s3"),)

    persistent_volume_claim: BackupVolume | None = None
    """A volume claim."""
    s3: S3 | None = None
    """A bucket of an S3-compatible store."""


class Velero(ApiModel):
    """Backups of the objects by Velero."""

    enabled: Literal["Auto", "Disabled"] = "Auto"
    """Auto: a Velero Schedule where Velero is installed."""
    storage_location: ObjectName = "default"
    """Velero's storage location."""


class Verification(ApiModel):
    """The check that the newest backup is complete and readable."""

    schedule: CronSchedule = "0 2 * * *"
    """When, as a five-field cron in UTC."""


class Drill(ApiModel):
    """The newest backup restored into scratch stores, compared and timed."""

    schedule: CronSchedule = "0 3 * * 0"
    """When, as a five-field cron in UTC."""
    timeout: Duration = "30m"
    """Longest that a drill may take before it counts as failed."""


class Objectives(ApiModel):
    """What is promised."""

    recovery_point: Duration = "15m"
    """Most data that may be lost, as time."""
    recovery_time: Duration = "30m"
    """Longest that a restore may take."""


class Backup(ApiModel):
    """Backups and drills."""

    storage: BackupStorage = BackupStorage()
    """Where backups go."""
    schedule: CronSchedule = "*/15 * * * *"
    """When backups are made, as a five-field cron in UTC."""
    retention: Duration = "7d"
    """How long backups are kept."""
    velero: Velero = Velero()
    """Backups of the objects by Velero."""
    verification: Verification = Verification()
    """Daily check."""
    drill: Drill = Drill()
    """Weekly restore."""
    objectives: Objectives = Objectives()
    """What is promised."""
