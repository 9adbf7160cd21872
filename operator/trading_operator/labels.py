"""Labels and annotations of children: an allow-list, so that those of Argo, Helm and Velero are never copied."""

from typing import Final

MANAGER: Final = "trading-operator"
"""Field manager of every write, and value of the label that says who made an object."""

NAME: Final = "app.kubernetes.io/name"
"""What runs, such as `redis`."""
INSTANCE: Final = "app.kubernetes.io/instance"
"""Name of the TradingSystem."""
COMPONENT: Final = "app.kubernetes.io/component"
"""Part of the system, such as `data-service`."""
PART_OF: Final = "app.kubernetes.io/part-of"
"""The same on every child."""
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
"""The operator; children are listed and watched by it."""

SYSTEM: Final = "trading.signaltrading.io/system"
"""Name of the TradingSystem; finds the owner again after a restore stripped owner references."""
STRATEGY: Final = "trading.signaltrading.io/strategy"
"""Name of the Strategy, on children that belong to one."""

PART_OF_VALUE: Final = "signal-trading"
SELECTOR: Final = f"{MANAGED_BY}={MANAGER}"
"""Label selector of every child."""

OWN_PREFIX: Final = "trading.signaltrading.io/"
"""Annotations with this prefix are ours; others on children are left alone."""
APPLIED: Final = "trading.signaltrading.io/applied"
"""Hash of what was applied: tells that a field stopped being set, which no comparison of the set fields can see."""
ALLOW_PRUNE: Final = "signaltrading.io/allow-prune"
"""`"true"` on a Secret or volume claim lets the operator remove it when it is no longer wanted."""
