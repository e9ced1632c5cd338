package wait

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// patienceOfRouters is the time that a router has to process a change: until then its refusal is
// about the former Route.
const patienceOfRouters = 10 * time.Second

// openShiftRoute is what is read of an OpenShift Route.
type openShiftRoute struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Host, Path string
		To         struct{ Name string }
	}
	Status struct {
		Ingress []struct {
			Host, RouterName string
			Conditions       []struct{ Type, Status, Reason, Message string }
		}
	}
}

// routeRollout tells whether a router has admitted a Route; what a router says of a host
// that it had before does not count.
func routeRollout(r *openShiftRoute) Rollout {
	refused := Rollout{State: "no router has taken it up yet"}
	for _, in := range r.Status.Ingress {
		for _, c := range in.Conditions {
			switch {
			case c.Type != "Admitted" || r.Spec.Host != "" && in.Host != r.Spec.Host:
			case c.Status == "True":
				return Rollout{Done: true, State: "admitted as " + in.Host}
			case c.Status == "False":
				refused = Rollout{State: fmt.Sprintf("the router %s: %s: %s", cmp.Or(in.RouterName, "of the cluster"), c.Reason, c.Message), Failed: "not admitted"}
			}
		}
	}
	return refused
}

// routeReason says more about a refusal, where it can be told.
func routeReason(ctx context.Context, c *cluster.Client, o *cluster.Object) (*Reason, error) {
	r, err := cluster.Decode[openShiftRoute](o)
	if err != nil {
		return nil, err
	}
	state := routeRollout(r)
	switch {
	case state.Failed == "":
		return &Reason{About: "router", Text: "there may be none, or it watches other namespaces or labels", Advice: "oc get pods,ingresscontrollers -A | grep -i router"}, nil
	case !strings.Contains(state.State, "HostAlreadyClaimed"):
		return nil, nil
	}
	again := fmt.Sprintf("choose another host name: regctl expose svc/%s -n %s --hostname NAME", r.Spec.To.Name, r.Namespace)
	reason := &Reason{About: "host " + r.Spec.Host, Text: "another route has it", Advice: again}
	if owner := claimant(ctx, c, r); owner != nil {
		reason.Text = fmt.Sprintf("route/%s in namespace %s has it", owner.GetName(), owner.GetNamespace())
	}
	return reason, nil
}

// claimant is the other Route of a host; nil where this user may not see it.
func claimant(ctx context.Context, c *cluster.Client, r *openShiftRoute) *cluster.Object {
	all := *c
	all.Namespace = ""
	routes, err := all.List(ctx, cluster.GVK{Group: "route.openshift.io", Version: "v1", Kind: "Route"}, "")
	if err != nil {
		return nil
	}
	i := slices.IndexFunc(routes, func(o cluster.Object) bool {
		other, err := cluster.Decode[openShiftRoute](&o)
		return err == nil && other.UID != r.UID && other.Spec.Host == r.Spec.Host && routeRollout(other).Done
	})
	if i < 0 {
		return nil
	}
	return &routes[i]
}
