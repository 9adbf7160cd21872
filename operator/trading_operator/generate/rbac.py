"""The chart's Role: exactly the grants that the operator's code declares, in each namespace that it works in."""

from typing import Any

from trading_operator.kinds import GRANTS, Grant


def build_rules() -> list[dict[str, Any]]:
    """Return the grants as rules of RBAC."""
    return [_rule(grant) for grant in GRANTS]


def _rule(grant: Grant) -> dict[str, Any]:
    rule: dict[str, Any] = {"apiGroups": [grant.group], "resources": [grant.resource], "verbs": list(grant.verbs)}
    return {**rule, "resourceNames": list(grant.names)} if grant.names else rule


def render_role(rules: str) -> str:
    """Return the template of a Role and its binding for each namespace; `rules` is YAML without indentation."""
    return f"""\
{{{{- range $namespace := default (list .Release.Namespace) .Values.watchNamespaces }}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{{{ $.Release.Name }}}}
  namespace: {{{{ $namespace }}}}
  labels: {{{{- include "trading-operator.labels" $ | nindent 4 }}}}
rules:
{rules}---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{{{ $.Release.Name }}}}
  namespace: {{{{ $namespace }}}}
  labels: {{{{- include "trading-operator.labels" $ | nindent 4 }}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{{{ $.Release.Name }}}}}}
subjects:
  - {{kind: ServiceAccount, name: {{{{ $.Release.Name }}}}, namespace: {{{{ $.Release.Namespace }}}}}}
{{{{- end }}}}
"""
