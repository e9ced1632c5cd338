package openshift4

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/wait"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/route"
	"github.com/regctl/regctl/pkg/hint"
)

// Reach waits until a router has admitted the route, and tells its host and what to type next.
func (p *Platform) Reach(ctx context.Context, name string, e platform.Exposure, patience time.Duration) (address string, next []string, err error) {
	operators, err := p.isOperators(ctx, name)
	if err != nil {
		return "", nil, err
	}
	if !operators {
		return p.Own.Reach(ctx, name, e, patience)
	}
	if e.Kind == platform.ClusterIP {
		return "", nil, nil
	}
	c, err := p.config(ctx)
	if err != nil {
		return "", nil, err
	}
	ref := cluster.Ref{GVK: route.Kind(), Namespace: Namespace, Name: c.routeName(e)}
	if !p.Wait {
		patience = 0
	}
	o, err := p.admitted(ctx, ref, e.Host, patience)
	if err != nil {
		return "", nil, err
	}
	host := cmp.Or(route.Host(o), e.Host)
	if host == "" {
		return "", nil, nil
	}
	return host, []string{p.trust(ctx, e, host), "regctl login " + host}, nil
}

// admitted waits for a route that a router has admitted. Until some looks have passed, a
// refusal may be about the route as it was before.
func (p *Platform) admitted(ctx context.Context, ref cluster.Ref, host string, patience time.Duration) (*cluster.Object, error) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	late := time.After(patience)
	said := "the operator has not created it yet"
	for looks := 0; ; looks++ {
		o, err := p.Client.Get(ctx, ref)
		if err != nil {
			return nil, err
		}
		if o != nil && (host == "" || specField(o, "host") == host) {
			state, err := wait.RolloutOf(o)
			if err != nil || state.Done || patience == 0 {
				return o, err
			}
			said = state.State
			if looks >= patienceOfRouters && state.Failed != "" {
				return nil, p.refused(ctx, o, state)
			}
		}
		if patience == 0 {
			return o, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-late:
			return nil, hint.Errorf(fmt.Sprintf("kubectl describe route %s -n %s", ref.Name, ref.Namespace), "%s: not admitted after %s: %s", ref, patience, said)
		}
	}
}

// patienceOfRouters is how many looks, of a second each, a router has to take up what was changed.
const patienceOfRouters = 10

// refused is the router's refusal, with the route that stands in the way where it can be told.
func (p *Platform) refused(ctx context.Context, o *cluster.Object, state wait.Rollout) error {
	err := fmt.Errorf("%s: %s (%s)", cluster.RefOf(o), state.Failed, state.State)
	why, asked := wait.Diagnose(ctx, p.Client, o)
	if asked != nil || why == nil {
		return hint.New(err, "choose another host name: regctl expose "+Name+" --hostname NAME")
	}
	return hint.New(fmt.Errorf("%w: %s", err, why), "choose another host name: regctl expose "+Name+" --hostname NAME")
}

// specField returns a string field of the spec; "" without one.
func specField(o *cluster.Object, field string) string {
	spec, _ := o.Object["spec"].(object)
	value, _ := spec[field].(string)
	return value
}

// trust is the command by which this machine trusts the route's certificate.
func (p *Platform) trust(ctx context.Context, e platform.Exposure, host string) string {
	if e.Certificate != nil || e.TLSSecret != "" {
		return "regctl trust add " + host + " --ca CA.crt"
	}
	const name, namespace = "default-ingress-cert", "openshift-config-managed"
	o, err := p.Client.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("ConfigMap"), Namespace: namespace, Name: name})
	if err != nil || o == nil {
		return "regctl trust add " + host + " --from-server"
	}
	return fmt.Sprintf(`kubectl get configmap %s -n %s -o 'jsonpath={.data.ca-bundle\.crt}' | regctl trust add %s --ca -`, name, namespace, host)
}
