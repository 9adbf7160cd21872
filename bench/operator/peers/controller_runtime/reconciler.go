package main

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const manager = "trading-operator"

var systemKind = schema.GroupVersionKind{Group: "signaltrading.io", Version: "v1alpha1", Kind: "TradingSystem"}

func emptySystem() *unstructured.Unstructured {
	system := &unstructured.Unstructured{}
	system.SetGroupVersionKind(systemKind)
	return system
}

// reconciler applies every child of a system on each pass, as operators on controller-runtime commonly do.
type reconciler struct{ client.Client }

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	system := emptySystem()
	if err := r.Get(ctx, request.NamespacedName, system); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	for _, child := range childrenOf(system) {
		wanted := client.ApplyConfigurationFromUnstructured(child)
		if err := r.Apply(ctx, wanted, client.FieldOwner(manager), client.ForceOwnership); err != nil {
			return ctrl.Result{}, err
		}
	}
	return ctrl.Result{}, r.report(ctx, system)
}

// report writes the generation that was seen, once.
func (r *reconciler) report(ctx context.Context, system *unstructured.Unstructured) error {
	seen, _, _ := unstructured.NestedInt64(system.Object, "status", "observedGeneration")
	if seen == system.GetGeneration() {
		return nil
	}
	before := system.DeepCopy()
	if err := unstructured.SetNestedField(system.Object, system.GetGeneration(), "status", "observedGeneration"); err != nil {
		return err
	}
	return r.Status().Patch(ctx, system, client.MergeFrom(before))
}
