"""The kinds that the operator reads and writes, and the rights that it needs for each: RBAC is generated from here."""

from dataclasses import dataclass
from typing import Final

from trading_operator.api.base import GROUP, VERSION
from trading_operator.names import LEASE_NAME, TOKEN_SECRET


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind as the API server serves it."""

    group: str
    version: str
    kind: str
    plural: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None, name: str = "") -> str:
        """Return the URL path of the collection, or of one object; a namespace of None means all of them."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        where = f"{root}/namespaces/{namespace}/{self.plural}" if namespace else f"{root}/{self.plural}"
        return f"{where}/{name}" if name else where


TRADING_SYSTEM: Final = Kind(GROUP, VERSION, "TradingSystem", "tradingsystems")
STRATEGY: Final = Kind(GROUP, VERSION, "Strategy", "strategies")
OBJECTS: Final = (TRADING_SYSTEM, STRATEGY)
"""What users write."""
EVENT: Final = Kind("", "v1", "Event", "events")
LEASE: Final = Kind("coordination.k8s.io", "v1", "Lease", "leases")

SERVICE_ACCOUNT: Final = Kind("", "v1", "ServiceAccount", "serviceaccounts")
SECRET: Final = Kind("", "v1", "Secret", "secrets")
CONFIG_MAP: Final = Kind("", "v1", "ConfigMap", "configmaps")
CLAIM: Final = Kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
SERVICE: Final = Kind("", "v1", "Service", "services")
DEPLOYMENT: Final = Kind("apps", "v1", "Deployment", "deployments")
STATEFUL_SET: Final = Kind("apps", "v1", "StatefulSet", "statefulsets")
AUTOSCALER: Final = Kind("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
NETWORK_POLICY: Final = Kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies")

CHILDREN: Final = (SERVICE_ACCOUNT, SECRET, CONFIG_MAP, CLAIM, SERVICE, STATEFUL_SET, DEPLOYMENT)
"""Every kind of child that this release makes."""
PODS_MAKERS: Final = (STATEFUL_SET, DEPLOYMENT)
"""Kinds whose status tells whether their pods are there, and that are written after what pods mount."""
WITH_DATA: Final = frozenset({SECRET, CLAIM})
"""Kinds that are removed only when an annotation allows it."""
KNOWN: Final = (*OBJECTS, *CHILDREN, AUTOSCALER, NETWORK_POLICY)
"""Every kind that the operator can write: a blueprint may ask for more than this release does."""
BY_KIND: Final = {(kind.api_version, kind.kind): kind for kind in KNOWN}


@dataclass(frozen=True, slots=True)
class Grant:
    """A rule of RBAC, in the namespaces that the operator works in."""

    group: str
    resource: str
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()


_FOLLOWED: Final = ("get", "list", "watch")
_WRITTEN: Final = (*_FOLLOWED, "create", "patch", "delete")
"""Who may not delete a child may not become its owner again, where OwnerReferencesPermissionEnforcement runs."""

GRANTS: Final = (
    Grant(GROUP, TRADING_SYSTEM.plural, _FOLLOWED),
    Grant(GROUP, STRATEGY.plural, _FOLLOWED),
    Grant(GROUP, f"{TRADING_SYSTEM.plural}/status", ("patch",)),
    Grant(GROUP, f"{STRATEGY.plural}/status", ("patch",)),
    # Owner references that block deletion need it where the admission plugin OwnerReferencesPermissionEnforcement runs.
    Grant(GROUP, f"{TRADING_SYSTEM.plural}/finalizers", ("update",)),
    Grant(GROUP, f"{STRATEGY.plural}/finalizers", ("update",)),
    Grant("", EVENT.plural, ("create",)),
    *(Grant(kind.group, kind.plural, _WRITTEN) for kind in CHILDREN if kind is not SECRET),
    # Secrets are reached by one name; only `create` cannot be bound to a name.
    Grant("", SECRET.plural, ("create",)),
    Grant("", SECRET.plural, (*_FOLLOWED, "patch", "delete"), names=(TOKEN_SECRET,)),
)
"""Everything that the operator may do where it works; the chart's Role there is made from it."""

SECRET_GRANTS: Final = tuple(grant for grant in GRANTS if grant.resource == SECRET.plural)
"""Those of them that an operator that works everywhere still gets one namespace after the other."""

HOME_GRANTS: Final = (
    # As with Secrets, `create` cannot be bound to a name.
    Grant(LEASE.group, LEASE.plural, ("create",)),
    Grant(LEASE.group, LEASE.plural, ("get", "update"), names=(LEASE_NAME,)),
)
"""What it may do in the namespace of its own pods: hold the lease."""
