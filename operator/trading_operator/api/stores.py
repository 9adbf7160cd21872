"""Where a system keeps its state: Redis for streams, a database for history."""

from typing import Annotated, Literal

from pydantic import Field

from trading_operator.api.base import ApiModel, Key
from trading_operator.api.cel import exactly_one_of
from trading_operator.api.resources import SecretKeyReference, Storage

Host = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9]([-A-Za-z0-9.]{0,251}[A-Za-z0-9])?$",
        json_schema_extra={"x-expected": "a host name or an IPv4 address"},
    ),
]


class CertificateReference(SecretKeyReference):
    """The certificate authority of a server, in a Secret."""

    key: Key = "ca.crt"
    """Key that holds the PEM certificate."""


class ServerTls(ApiModel):
    """TLS towards a server outside of the system."""

    ca_secret_ref: CertificateReference = CertificateReference()
    """Authority that signed the server's certificate; an empty name trusts the system's store."""


class CredentialsReference(ApiModel):
    """A Secret of the same namespace with the keys `username` and `password`."""

    name: Annotated[str, Field(pattern=r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$")] = ""
    """Name of the Secret; empty for none."""


class ManagedRedis(ApiModel):
    """Redis as children of the system."""

    topology: Literal["Single", "Sentinel"] = "Single"
    """Single: one server. Sentinel: three servers and three sentinels with automatic failover."""
    storage: Storage | None = None
    """Volume for the append-only file. Absent: the data lives as long as the pod, and condition DataDurable says so."""


class ExternalRedis(ApiModel):
    """A Redis that somebody else runs."""

    host: Host
    """Host name or address."""
    port: Annotated[int, Field(ge=1, le=65535)] = 6379
    """Port that Redis listens on."""
    tls: ServerTls | None = None
    """TLS; absent for none."""
    credentials_secret_ref: CredentialsReference = CredentialsReference()
    """User and password."""


class Redis(ApiModel):
    """The Redis of the system: just one of the two."""

    cel_rules = (exactly_one_of("managed", "external"),)

    managed: ManagedRedis | None = None
    """Redis as children of the system."""
    external: ExternalRedis | None = None
    """A Redis that somebody else runs."""


class HistoryStorage(Storage):
    """The volume of the embedded history."""

    size: Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$")] = "10Gi"
    """Size of the volume claim."""


class EmbeddedDatabase(ApiModel):
    """SQLite on the data service's volume; the data service then has one replica."""

    storage: HistoryStorage = HistoryStorage()
    """The volume."""


class ConnectionReference(SecretKeyReference):
    """A connection string in a Secret."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")] = "database-secrets"
    """Name of the Secret."""
    key: Key = "connection-string"
    """Key that holds the connection string."""


class ExternalDatabase(ApiModel):
    """A PostgreSQL that somebody else runs."""

    secret_ref: ConnectionReference = ConnectionReference()
    """Where the connection string is."""


class Database(ApiModel):
    """History of bars and signals: just one of the two."""

    cel_rules = (exactly_one_of("embedded", "external"),)

    embedded: EmbeddedDatabase | None = None
    """SQLite on a volume."""
    external: ExternalDatabase | None = None
    """PostgreSQL."""
