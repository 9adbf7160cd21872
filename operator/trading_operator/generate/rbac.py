"""The chart's Roles: exactly the grants that the operator's code declares, where it works and where it lives."""

from collections.abc import Iterable
from typing import Any, Final

from trading_operator.kinds import Grant
from trading_operator.names import LEASE_NAME

_WHERE_IT_WORKS: Final = "{{- range $namespace := default (list .Release.Namespace) .Values.watchNamespaces }}"
_EVERYWHERE_IT_WORKS: Final = "{{- end }}"


def build_rules(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    """Return grants as rules of RBAC."""
    return [_rule(grant) for grant in grants]


def _rule(grant: Grant) -> dict[str, Any]:
    rule: dict[str, Any] = {"apiGroups": [grant.group], "resources": [grant.resource], "verbs": list(grant.verbs)}
    return {**rule, "resourceNames": list(grant.names)} if grant.names else rule


def render_role(rules: str) -> str:
    """Return the template of a Role and its binding in each watched namespace; `rules` is YAML without indentation."""
    role = _role("{{ $.Release.Name }}", "{{ $namespace }}", rules)
    return f"{_WHERE_IT_WORKS}\n{role}{_EVERYWHERE_IT_WORKS}\n"


def render_home_role(rules: str) -> str:
    """Return the template of the Role in the operator's own namespace; the Lease has the name of the release."""
    named = rules.replace(f"- {LEASE_NAME}\n", "- {{ $.Release.Name }}\n")
    return _role("{{ $.Release.Name }}-home", "{{ $.Release.Namespace }}", named)


def _role(name: str, namespace: str, rules: str) -> str:
    metadata = f"""\
metadata:
  name: {name}
  namespace: {namespace}
  labels: {{{{- include "trading-operator.labels" $ | nindent 4 }}}}
"""
    return f"""\
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
{metadata}rules:
{rules}---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
{metadata}roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {name}}}
subjects:
  - {{kind: ServiceAccount, name: {{{{ $.Release.Name }}}}, namespace: {{{{ $.Release.Namespace }}}}}}
"""
