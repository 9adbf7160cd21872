"""The door to a system from outside of the cluster."""

from typing import Annotated, Literal

from pydantic import Field

from trading_operator.api.base import ApiModel, ObjectName, OptionalName
from trading_operator.api.cel import exactly_one_of


class GatewayReference(ApiModel):
    """A Gateway (Gateway API) of the same namespace."""

    name: ObjectName
    """Name of the Gateway."""
    section_name: OptionalName = ""
    """Listener; empty for any."""


class IssuerReference(ApiModel):
    """A cert-manager issuer."""

    name: ObjectName
    """Name of the issuer."""
    kind: Literal["Issuer", "ClusterIssuer"] = "ClusterIssuer"
    """Kind of the issuer."""


class IngressTls(ApiModel):
    """TLS at the door."""

    secret_name: ObjectName = "signal-trading-tls"  # noqa: S105 - the name of a Secret, not a secret
    """Secret with the certificate."""
    issuer_ref: IssuerReference | None = None
    """A cert-manager Certificate is made too. Absent: the Secret is somebody else's."""


class Ingress(ApiModel):
    """An Ingress or an HTTPRoute."""

    cel_rules = (exactly_one_of("className", "gatewayRef"),)

    host: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$",
            json_schema_extra={"x-expected": "a host name in lower case"},
        ),
    ]
    """Host name."""
    class_name: ObjectName | None = None
    """Ingress class; an Ingress is made."""
    gateway_ref: GatewayReference | None = None
    """Gateway; an HTTPRoute is made."""
    tls: IngressTls = IngressTls()
    """TLS at the door."""
    firewall: Literal["Disabled", "ModSecurity"] = "Disabled"
    """ModSecurity: the OWASP core rules by annotation of the ingress."""
