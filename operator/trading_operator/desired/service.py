"""Services and service accounts."""

from kubernetes.client import V1Service, V1ServiceAccount, V1ServicePort, V1ServiceSpec

from trading_operator.desired.metadata import Owner, child_metadata, selector_labels


def build_service(owner: Owner, name: str, component: str, port_name: str, port: int) -> V1Service:
    """Return the Service by which the pods of a component are reached."""
    return V1Service(
        api_version="v1",
        kind="Service",
        metadata=child_metadata(owner, name, component),
        spec=V1ServiceSpec(
            type="ClusterIP",
            selector=selector_labels(owner, component),
            ports=[V1ServicePort(name=port_name, port=port, target_port=port_name, protocol="TCP")],
        ),
    )


def build_account(owner: Owner, name: str, component: str) -> V1ServiceAccount:
    """Return the account of a component's pods: an identity for policies, with no token to the API server."""
    return V1ServiceAccount(
        api_version="v1",
        kind="ServiceAccount",
        metadata=child_metadata(owner, name, component),
        automount_service_account_token=False,
    )
