"""The chart's Roles: exactly the grants that the operator's code declares, where it works and where it lives."""

from collections.abc import Iterable
from typing import Any, Final

from trading_operator.kinds import Grant
from trading_operator.names import LEASE_NAME

_ACCOUNT: Final = "{{ $.Release.Name }}"
_HOME: Final = "{{ $.Release.Namespace }}"
_LABELS: Final = '  labels: {{- include "trading-operator.labels" $ | nindent 4 }}\n'
_EACH_NAMESPACE: Final = '{{- range $namespace := splitList "," (include "trading-operator.namespaces" $) }}\n'
_EVERYWHERE: Final = '{{- if eq .Values.scope "Cluster" }}\n'
_ELSE: Final = "{{- else }}\n"
_END: Final = "{{- end }}\n"


def build_rules(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    """Return grants as rules of RBAC."""
    return [_rule(grant) for grant in grants]


def _rule(grant: Grant) -> dict[str, Any]:
    rule: dict[str, Any] = {"apiGroups": [grant.group], "resources": [grant.resource], "verbs": list(grant.verbs)}
    return {**rule, "resourceNames": list(grant.names)} if grant.names else rule


def render_roles(rules: str, secret_rules: str, other_rules: str) -> str:
    """Return the template of what gives the operator its rights where it works.

    In listed namespaces: a Role in each. Everywhere: a ClusterRole without Secrets, and a second one for them that is
    bound only in the namespaces that are listed for it. The rules are YAML without indentation.
    """
    everywhere = _grant(_ACCOUNT, None, other_rules) + _role(f"{_ACCOUNT}-secrets", None, secret_rules)
    secrets = _EACH_NAMESPACE + _binding(f"{_ACCOUNT}-secrets", "{{ $namespace }}", "ClusterRole") + _END
    listed = _EACH_NAMESPACE + _grant(_ACCOUNT, "{{ $namespace }}", rules) + _END
    return _EVERYWHERE + everywhere + secrets + _ELSE + listed + _END


def render_home_role(rules: str) -> str:
    """Return the template of the Role in the operator's own namespace; the Lease has the name of the release."""
    return _grant(f"{_ACCOUNT}-home", _HOME, rules.replace(f"- {LEASE_NAME}\n", f"- {_ACCOUNT}\n"))


def _grant(name: str, namespace: str | None, rules: str) -> str:
    """Return a role and its binding, in a namespace or everywhere."""
    kind = "Role" if namespace else "ClusterRole"
    return _role(name, namespace, rules) + _binding(name, namespace, kind)


def _role(name: str, namespace: str | None, rules: str) -> str:
    return f"{_head('Role', name, namespace)}rules:\n{rules}"


def _binding(name: str, namespace: str | None, role_kind: str) -> str:
    return (
        f"{_head('RoleBinding', name, namespace)}"
        f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role_kind}, name: {name}}}\n"
        f"subjects:\n  - {{kind: ServiceAccount, name: {_ACCOUNT}, namespace: {_HOME}}}\n"
    )


def _head(kind: str, name: str, namespace: str | None) -> str:
    where = f"  namespace: {namespace}\n" if namespace else ""
    kind = kind if namespace else f"Cluster{kind}"
    return f"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata:\n  name: {name}\n{where}{_LABELS}"
