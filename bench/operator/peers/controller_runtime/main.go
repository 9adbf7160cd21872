// An operator on controller-runtime that makes the same thirty children of a TradingSystem: owned kinds are watched by
// label, every child is applied by server-side apply on each pass, the generation is reported.
package main

import (
	"fmt"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// As many passes at a time as our operator makes.
const workers = 16

var ownedKinds = []client.Object{
	&corev1.ServiceAccount{},
	&corev1.ConfigMap{},
	&corev1.Service{},
	&autoscalingv2.HorizontalPodAutoscaler{},
	&networkingv1.NetworkPolicy{},
	&appsv1.Deployment{},
}

func main() {
	ctrl.SetLogger(zap.New(zap.UseDevMode(false)))
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	config := ctrl.GetConfigOrDie()
	// The default of 20 requests per second would be what is measured.
	config.QPS, config.Burst = 10_000, 10_000
	operator, err := ctrl.NewManager(config, ctrl.Options{
		Cache:   cache.Options{ByObject: cachedByLabel()},
		Metrics: metrics.Options{BindAddress: "0"},
	})
	if err != nil {
		return err
	}
	// Status changes are no news: without this each of them would bring another pass.
	newGeneration := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	building := ctrl.NewControllerManagedBy(operator).
		Named("tradingsystem").
		For(emptySystem(), newGeneration).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers})
	for _, kind := range ownedKinds {
		building = building.Owns(kind, newGeneration)
	}
	if err := building.Complete(&reconciler{operator.GetClient()}); err != nil {
		return err
	}
	return operator.Start(ctrl.SetupSignalHandler())
}

func cachedByLabel() map[client.Object]cache.ByObject {
	ours := labels.SelectorFromSet(labels.Set{"app.kubernetes.io/managed-by": manager})
	cached := map[client.Object]cache.ByObject{}
	for _, kind := range ownedKinds {
		cached[kind] = cache.ByObject{Label: ours}
	}
	return cached
}
