"""The envelope of the custom resources: the part of `metadata` that the operator reads, and conditions."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from trading_operator.api.base import ApiModel


class Metadata(BaseModel):
    """What the operator reads of an object's metadata; everything else is left alone."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="ignore", frozen=True
    )

    name: str
    namespace: str = "default"
    uid: str = ""
    generation: int = 0
    resource_version: str = ""
    creation_timestamp: str = ""
    deletion_timestamp: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class Condition(ApiModel):
    """One observation of the object, as Kubernetes writes conditions."""

    type: Annotated[str, Field(max_length=316)]
    """What is observed, such as `Ready`."""
    status: Literal["True", "False", "Unknown"]
    """Whether it holds."""
    observed_generation: int = 0
    """The generation of the spec that was looked at."""
    last_transition_time: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    """When `status` last changed, in UTC."""
    reason: Annotated[str, Field(min_length=1, max_length=1024)]
    """One word for why; the list is in the reference of conditions."""
    message: Annotated[str, Field(max_length=32768)] = ""
    """What is wrong, what was found and expected, and what to do."""
