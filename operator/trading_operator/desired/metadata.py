"""Names, labels and owners of children."""

from kubernetes.client import V1LabelSelector, V1ObjectMeta, V1OwnerReference

from trading_operator import labels
from trading_operator.api.strategy import Strategy
from trading_operator.api.tradingsystem import TradingSystem

Owner = TradingSystem | Strategy


def child_metadata(owner: Owner, name: str, component: str) -> V1ObjectMeta:
    """Return the metadata of a child: it is labelled as part of its system and goes when its owner goes."""
    return V1ObjectMeta(
        name=name,
        namespace=owner.metadata.namespace,
        labels=child_labels(owner, component),
        owner_references=owner_references(owner),
    )


def child_labels(owner: Owner, component: str) -> dict[str, str]:
    """Return every label of a child and of its pods."""
    return {
        labels.NAME: component,
        labels.PART_OF: labels.PART_OF_VALUE,
        labels.MANAGED_BY: labels.MANAGER,
        labels.SYSTEM: system_name(owner),
        **selector_labels(owner, component),
    }


def selector_labels(owner: Owner, component: str) -> dict[str, str]:
    """Return the labels that find the pods of one workload; a selector cannot change, so these never do."""
    found = {labels.INSTANCE: system_name(owner), labels.COMPONENT: component}
    return {**found, labels.STRATEGY: owner.metadata.name} if isinstance(owner, Strategy) else found


def selector_of(owner: Owner, component: str) -> V1LabelSelector:
    return V1LabelSelector(match_labels=selector_labels(owner, component))


def system_name(owner: Owner) -> str:
    return owner.spec.system_ref.name if isinstance(owner, Strategy) else owner.metadata.name


def owner_references(owner: Owner) -> list[V1OwnerReference] | None:
    """Return the reference by which garbage collection removes a child, or None for an object that is only a file."""
    if not owner.metadata.uid:
        return None
    return [
        V1OwnerReference(
            api_version=owner.api_version,
            kind=owner.kind,
            name=owner.metadata.name,
            uid=owner.metadata.uid,
            controller=True,
            block_owner_deletion=True,
        )
    ]
