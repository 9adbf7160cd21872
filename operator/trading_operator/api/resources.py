"""What pods ask for and who they are: resources, images, references to Secrets."""

from typing import Annotated, Literal

from pydantic import Field

from trading_operator.api.base import ApiModel, Key, ObjectName, OptionalName, Quantity


class ResourceAmounts(ApiModel):
    """Amounts of CPU and memory."""

    cpu: Quantity | None = None
    """CPU, such as 100m or 2."""
    memory: Quantity | None = None
    """Memory, such as 128Mi."""


class Resources(ApiModel):
    """What a pod asks for and may use at most."""

    requests: ResourceAmounts = ResourceAmounts()
    """What the scheduler sets aside."""
    limits: ResourceAmounts = ResourceAmounts()
    """The most that may be used."""


class Storage(ApiModel):
    """A volume that outlives the pod."""

    size: Quantity = "5Gi"
    """Size of the volume claim. It can grow where the storage class allows it."""
    storage_class_name: OptionalName = ""
    """Storage class; empty for the cluster's default."""


class SecretKeyReference(ApiModel):
    """One key of a Secret of the same namespace."""

    name: OptionalName = ""
    """Name of the Secret; empty for none."""
    key: Key
    """Key inside the Secret."""


class Images(ApiModel):
    """Image of the workloads. Empty texts take what this release of the operator names."""

    repository: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9./:_-]{0,254})?$")] = ""
    """Repository, with its registry."""
    tag: Annotated[str, Field(pattern=r"^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$")] = ""
    """Tag in the repository; moves with releases, so production names a digest."""
    digest: Annotated[
        str, Field(pattern=r"^(sha256:[0-9a-f]{64})?$", json_schema_extra={"x-expected": "sha256: and 64 hex digits"})
    ] = ""
    """Digest; it wins over the tag."""
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When nodes pull the image."""
    pull_secrets: Annotated[
        list[ObjectName], Field(max_length=10, json_schema_extra={"x-kubernetes-list-type": "set"})
    ] = Field(default_factory=list)
    """Names of the pull secrets of the namespace."""
