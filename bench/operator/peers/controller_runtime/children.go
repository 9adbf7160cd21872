package main

import (
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type document = map[string]any

var components = []string{"data", "gateway", "signal", "ml", "risk"}

const (
	settingsBytes = 500
	variables     = 12
)

// childrenOf returns the thirty children that synthetic.py makes, field for field.
func childrenOf(system *unstructured.Unstructured) []*unstructured.Unstructured {
	var children []*unstructured.Unstructured
	for _, component := range components {
		for _, body := range []document{
			serviceAccount(),
			configMap(system, component),
			service(system, component),
			autoscaler(system, component),
			networkPolicy(system, component),
			deployment(system, component),
		} {
			body["metadata"] = metadata(system, component)
			children = append(children, &unstructured.Unstructured{Object: body})
		}
	}
	return children
}

func childName(system *unstructured.Unstructured, component string) string {
	return system.GetName() + "-" + component
}

func selectorLabels(system *unstructured.Unstructured, component string) document {
	return document{"app.kubernetes.io/instance": system.GetName(), "app.kubernetes.io/component": component}
}

func metadata(system *unstructured.Unstructured, component string) document {
	labels := selectorLabels(system, component)
	labels["app.kubernetes.io/name"] = component
	labels["app.kubernetes.io/part-of"] = "signal-trading"
	labels["app.kubernetes.io/managed-by"] = manager
	labels["trading.signaltrading.io/system"] = system.GetName()
	return document{
		"name":      childName(system, component),
		"namespace": system.GetNamespace(),
		"labels":    labels,
		"ownerReferences": []any{document{
			"apiVersion":         system.GetAPIVersion(),
			"kind":               system.GetKind(),
			"name":               system.GetName(),
			"uid":                string(system.GetUID()),
			"controller":         true,
			"blockOwnerDeletion": true,
		}},
	}
}

func serviceAccount() document {
	return document{"apiVersion": "v1", "kind": "ServiceAccount", "automountServiceAccountToken": false}
}

func configMap(system *unstructured.Unstructured, component string) document {
	line := "\n"
	if component == "data" {
		level, _, _ := unstructured.NestedString(system.Object, "spec", "services", "data", "logLevel")
		line = "logLevel=" + level + "\n"
	}
	settings := strings.Repeat("x", settingsBytes-len(line)) + line
	return document{"apiVersion": "v1", "kind": "ConfigMap", "data": document{"settings": settings}}
}

func service(system *unstructured.Unstructured, component string) document {
	port := document{"name": "http", "port": int64(8000), "targetPort": "http", "protocol": "TCP"}
	return document{"apiVersion": "v1", "kind": "Service", "spec": document{
		"selector": selectorLabels(system, component),
		"ports":    []any{port},
	}}
}

func autoscaler(system *unstructured.Unstructured, component string) document {
	target := document{"type": "Utilization", "averageUtilization": int64(70)}
	return document{"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": document{
		"minReplicas": int64(1),
		"maxReplicas": int64(3),
		"scaleTargetRef": document{
			"apiVersion": "apps/v1", "kind": "Deployment", "name": childName(system, component),
		},
		"metrics": []any{document{"type": "Resource", "resource": document{"name": "cpu", "target": target}}},
	}}
}

func networkPolicy(system *unstructured.Unstructured, component string) document {
	return document{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": document{
		"podSelector": document{"matchLabels": selectorLabels(system, component)},
		"policyTypes": []any{"Ingress"},
	}}
}

func deployment(system *unstructured.Unstructured, component string) document {
	return document{"apiVersion": "apps/v1", "kind": "Deployment", "spec": document{
		"replicas": int64(0),
		"selector": document{"matchLabels": selectorLabels(system, component)},
		"template": document{
			"metadata": document{"labels": selectorLabels(system, component)},
			"spec": document{
				"serviceAccountName": childName(system, component),
				"securityContext": document{
					"runAsNonRoot":   true,
					"seccompProfile": document{"type": "RuntimeDefault"},
				},
				"containers": []any{container(component)},
			},
		},
	}}
}

func container(component string) document {
	var environment []any
	for number := range variables {
		text := strconv.Itoa(number)
		environment = append(environment, document{"name": "VARIABLE_" + text, "value": text})
	}
	return document{
		"name":  component,
		"image": "localhost/trading-workload:dev",
		"ports": []any{document{"name": "http", "containerPort": int64(8000), "protocol": "TCP"}},
		"env":   environment,
		"resources": document{
			"requests": document{"cpu": "100m", "memory": "128Mi"},
			"limits":   document{"memory": "256Mi"},
		},
		"readinessProbe": document{"httpGet": document{"path": "/ready", "port": "http"}},
	}
}
