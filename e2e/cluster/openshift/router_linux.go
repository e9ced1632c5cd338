package openshift

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	routev1 "github.com/openshift/api/route/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// routerName is that of the one router.
const routerName = "default"

func routes() schema.GroupVersionResource { return kindOf("route.openshift.io", "routes") }

// router plays the one router: it admits the oldest route of a host and those of the
// same namespace with other paths. Nothing is routed.
func (p *player) router() controller {
	return controller{name: "router", kinds: []schema.GroupVersionResource{routes()}, sync: func(ctx context.Context) error {
		list, err := all[routev1.Route](ctx, p, routes(), "")
		if err != nil {
			return err
		}
		for _, r := range admit(list, metav1.NewTime(p.now())) {
			if err := writeStatus(ctx, p, routes(), r); err != nil {
				return err
			}
		}
		return nil
	}}
}

// admit sets the status of all routes, and returns those whose status has changed.
func admit(list []*routev1.Route, now metav1.Time) (changed []*routev1.Route) {
	slices.SortFunc(list, func(a, b *routev1.Route) int {
		// times are seconds: of two in the same one, that which has been admitted was first
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), -cmp.Compare(holds(a), holds(b)), cmp.Compare(a.UID, b.UID))
	})
	holders := map[string][]*routev1.Route{}
	for _, r := range list {
		if r.Spec.Host == "" {
			continue
		}
		condition := routev1.RouteIngressCondition{Type: routev1.RouteAdmitted, Status: corev1.ConditionTrue}
		if claimed := claimed(r, holders[r.Spec.Host]); claimed != "" {
			condition.Status, condition.Reason, condition.Message = corev1.ConditionFalse, "HostAlreadyClaimed", claimed
		} else {
			holders[r.Spec.Host] = append(holders[r.Spec.Host], r)
		}
		if setIngress(r, condition, now) {
			changed = append(changed, r)
		}
	}
	return changed
}

// holds is 1 where the route has been admitted with the host that it asks for.
func holds(r *routev1.Route) int {
	for _, in := range r.Status.Ingress {
		if in.RouterName == routerName && in.Host == r.Spec.Host && in.Conditions[0].Status == corev1.ConditionTrue {
			return 1
		}
	}
	return 0
}

// claimed says why a route cannot have its host, which the others have; "" where it can.
func claimed(r *routev1.Route, holders []*routev1.Route) string {
	for _, holder := range holders {
		switch {
		case holder.Namespace != r.Namespace:
			return fmt.Sprintf("a route in another namespace holds %s and is older than %s", r.Spec.Host, r.Name)
		case holder.Spec.Path == r.Spec.Path:
			return fmt.Sprintf("route %s already exposes %s and is older", holder.Name, r.Spec.Host)
		}
	}
	return ""
}

func setIngress(r *routev1.Route, condition routev1.RouteIngressCondition, now metav1.Time) (changed bool) {
	wanted := routev1.RouteIngress{
		Host: r.Spec.Host, RouterName: routerName, WildcardPolicy: cmp.Or(r.Spec.WildcardPolicy, routev1.WildcardPolicyNone),
		RouterCanonicalHostname: "router-default.apps.cluster.test", Conditions: []routev1.RouteIngressCondition{condition},
	}
	last := &wanted.Conditions[0]
	last.LastTransitionTime = &now
	i := slices.IndexFunc(r.Status.Ingress, func(in routev1.RouteIngress) bool { return in.RouterName == routerName })
	if i < 0 {
		r.Status.Ingress = append(r.Status.Ingress, wanted)
		return true
	}
	if was := r.Status.Ingress[i].Conditions; len(was) == 1 && was[0].Status == last.Status {
		last.LastTransitionTime = was[0].LastTransitionTime
	}
	if equality.Semantic.DeepEqual(r.Status.Ingress[i], wanted) {
		return false
	}
	r.Status.Ingress[i] = wanted
	return true
}
