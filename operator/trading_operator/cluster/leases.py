"""The Lease of the operator's replicas, read and written outside of every guard: it is what the guard depends on."""

from dataclasses import dataclass

from trading_operator.cluster.client import Document
from trading_operator.cluster.session import Session
from trading_operator.errors import NotFoundError
from trading_operator.kinds import LEASE


@dataclass(frozen=True, slots=True)
class Leases:
    """One named Lease."""

    session: Session
    namespace: str
    name: str

    async def read(self) -> Document | None:
        """Return the Lease, or None where there is none yet."""
        try:
            found: Document = await self.session.call("GET", self._path, kind=LEASE.kind)
        except NotFoundError:
            return None
        return found

    async def write(self, spec: Document, seen: Document | None) -> Document:
        """Write the Lease over what was seen of it. Raises ConflictError or ExistsError where somebody was faster."""
        metadata: Document = {"name": self.name, "namespace": self.namespace}
        body = {"apiVersion": LEASE.api_version, "kind": LEASE.kind, "metadata": metadata, "spec": spec}
        if seen is None:
            method, path = "POST", LEASE.path(self.namespace)
        else:
            method, path = "PUT", self._path
            metadata["resourceVersion"] = seen["metadata"]["resourceVersion"]
        written: Document = await self.session.call(method, path, kind=LEASE.kind, body=body)
        return written

    @property
    def _path(self) -> str:
        return LEASE.path(self.namespace, self.name)
