{{- define "trading-operator.labels" -}}
app.kubernetes.io/name: trading-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "trading-operator.selector" -}}
app.kubernetes.io/name: trading-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "trading-operator.namespaces" -}}
{{- join "," (default (list .Release.Namespace) .Values.watchNamespaces) -}}
{{- end }}
