"""What every model of the custom resources shares: names, texts, scalars.

Values stay as the user wrote them ("8%", "1h"): whatever an operator normalises in a spec, GitOps tools see as drift.
Code that needs a number asks for it: `parse_decimal`, `parse_duration`.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, ClassVar, Final

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from trading_operator.api.cel import CelRule

GROUP: Final = "signaltrading.io"
VERSION: Final = "v1alpha1"
API_VERSION: Final = "signaltrading.io/v1alpha1"

DECIMAL_PATTERN: Final = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?([eE]-?[0-9]{1,2})?%?$"
DURATION_PATTERN: Final = r"^[1-9][0-9]{0,6}(s|m|h|d)$"
NAME_PATTERN: Final = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
_SECONDS_OF: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}

DecimalString = Annotated[
    str,
    Field(
        pattern=DECIMAL_PATTERN,
        max_length=40,
        json_schema_extra={"x-expected": 'a decimal in quotes, such as "0.1" or "8%"'},
    ),
]
"""A decimal as text, so that no float rounding stands between the user and the arithmetic; `%` divides by a hundred."""

Number = Annotated[
    Annotated[int, Field(ge=1 - 10**15, le=10**15 - 1)] | DecimalString,
    Field(
        json_schema_extra={
            "x-kubernetes-int-or-string": True,
            "x-expected": 'a whole number or a decimal in quotes ("0.5")',
        }
    ),
]
"""A whole number as it is, or a decimal as text, of up to fifteen digits: a larger one would be kept as a float."""

PositiveNumber = Annotated[
    Annotated[int, Field(ge=1, le=1_000_000)]
    | Annotated[str, Field(pattern=r"^([1-9][0-9]{0,5}(\.[0-9]{1,6})?|0\.[0-9]{0,5}[1-9])$")],
    Field(
        json_schema_extra={
            "x-kubernetes-int-or-string": True,
            "x-expected": 'a number greater than 0, whole or as a decimal in quotes ("0.5")',
        }
    ),
]
"""A number greater than 0."""

NonNegativeDecimal = Annotated[
    str,
    Field(
        pattern=DECIMAL_PATTERN.replace("-?", "", 1),
        max_length=40,
        json_schema_extra={"x-expected": 'a decimal in quotes that is not negative, such as "0.1" or "8%"'},
    ),
]
"""A decimal as text, without a sign."""

Duration = Annotated[
    str, Field(pattern=DURATION_PATTERN, json_schema_extra={"x-expected": "a duration such as 15s, 5m, 1h or 1d"})
]
"""A length of time in one unit: `15s`, `5m`, `1h`, `1d`."""

Quantity = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$",
        json_schema_extra={"x-expected": "a Kubernetes quantity such as 100m, 2, 128Mi or 5Gi"},
    ),
]
"""An amount as Kubernetes writes it."""

ObjectName = Annotated[
    str,
    Field(
        pattern=NAME_PATTERN,
        json_schema_extra={"x-expected": "a DNS label: lower case letters, digits and dashes, at most 63"},
    ),
]
"""The name of another object in the same namespace."""

OptionalName = Annotated[str, Field(pattern=r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$", max_length=253)]
"""A name, or the empty text for none."""

Key = Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]{1,253}$")]
"""A key inside a Secret or ConfigMap."""

CronSchedule = Annotated[
    str,
    Field(
        pattern=r"^[0-9*,/-]+( [0-9*,/A-Za-z-]+){4}$",
        max_length=100,
        json_schema_extra={"x-expected": 'a cron of five fields in UTC, such as "*/15 * * * *"'},
    ),
]
"""Five cron fields, in UTC."""


def _add_validations(schema: JsonDict, model: type["ApiModel"]) -> None:
    if model.cel_rules:
        schema["x-kubernetes-validations"] = [rule.document() for rule in model.cel_rules]


class ApiModel(BaseModel):
    """A frozen piece of a custom resource. The docstring under a field is its description everywhere."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(alias=to_camel),
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        strict=True,
        frozen=True,
        use_attribute_docstrings=True,
        json_schema_extra=_add_validations,
    )
    cel_rules: ClassVar[tuple[CelRule, ...]] = ()


class LocalReference(ApiModel):
    """An object of the same namespace, by name."""

    name: ObjectName
    """Name of the object. It is looked up in the namespace of this resource, never elsewhere."""


def parse_decimal(text: str | int) -> Decimal:
    """Return the value of a decimal text; `8%` is 0.08."""
    if isinstance(text, int):
        return Decimal(text)
    if not re.match(DECIMAL_PATTERN, text):
        raise ValueError(f'found "{text}", expected a decimal such as "0.1" or "8%"')
    return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)


def parse_duration(text: str) -> timedelta:
    """Return the length of time that a text such as `15s` or `1d` stands for."""
    if not re.match(DURATION_PATTERN, text):
        raise ValueError(f'found "{text}", expected a duration such as 15s, 5m, 1h or 1d')
    return timedelta(seconds=int(text[:-1]) * _SECONDS_OF[text[-1]])


def fields_that_differ(model: BaseModel, baseline: BaseModel, path: str = "") -> Iterator[str]:
    """Yield the document path of whatever in `model` is not as in `baseline`, in the order of the schema.

    A section that the baseline lacks is named as a whole; lists and maps are compared as values.
    """
    for name, field in type(model).model_fields.items():
        value, default = getattr(model, name), getattr(baseline, name)
        where = f"{path}.{field.alias or name}" if path else (field.alias or name)
        if value == default:
            continue
        if isinstance(value, BaseModel) and isinstance(default, type(value)):
            yield from fields_that_differ(value, default, where)
        else:
            yield where
