// Package route leads OpenShift's router to a Service.
package route

import (
	"cmp"
	"context"
	"maps"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/platform"
)

// Concern is under which name regctl owns the fields of a Route.
const Concern = "expose"

// Kind is that of a Route.
func Kind() cluster.GVK {
	return cluster.GVK{Group: "route.openshift.io", Version: "v1", Kind: "Route"}
}

// Way is a Route to a Service. Its certificates are in Certificate, Key, Chain and
// BackendCA: the router looks into no secret.
type Way struct {
	platform.Exposure
	Client  *cluster.Client
	Service string
	Target  any               // port of the Service's endpoints, by name or number; nil: any
	Marks   map[string]string // labels that the Route has in any case
	Force   bool              // overwrite fields that others own
}

// Plan is the change after which the Route exists. A host that the router has made up,
// or an earlier run has named, stays where none is named.
func (w *Way) Plan(ctx context.Context) (*change.Apply, error) {
	live, err := w.Client.Get(ctx, w.ref())
	if err != nil {
		return nil, err
	}
	o := w.object(live)
	return &change.Apply{Client: w.Client, Object: o, Concern: Concern, Force: w.Force, Seen: live, First: w.inTheWay(live, o)}, nil
}

func (w *Way) ref() cluster.Ref {
	return cluster.Ref{GVK: Kind(), Namespace: w.Client.Namespace, Name: cmp.Or(w.Name, w.Service)}
}

// Live reads the Route; nil where there is none.
func (w *Way) Live(ctx context.Context) (*cluster.Object, error) { return w.Client.Get(ctx, w.ref()) }

func (w *Way) object(live *cluster.Object) *cluster.Object {
	spec := map[string]any{
		"to":  map[string]any{"kind": "Service", "name": w.Service},
		"tls": w.tls(),
	}
	put(spec, "host", cmp.Or(w.Host, appliedHost(live)))
	put(spec, "path", w.Path)
	put(spec, "wildcardPolicy", w.WildcardPolicy)
	if w.Target != nil {
		spec["port"] = map[string]any{"targetPort": w.Target}
	}
	o := &cluster.Object{Object: map[string]any{"spec": spec}}
	o.SetGroupVersionKind(Kind())
	o.SetName(w.ref().Name)
	o.SetNamespace(w.Client.Namespace)
	labels := maps.Clone(w.Marks)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, w.Labels)
	o.SetLabels(labels)
	return o
}

func (w *Way) tls() map[string]any {
	tls := map[string]any{"termination": cmp.Or(w.Kind, platform.Passthrough)}
	put(tls, "insecureEdgeTerminationPolicy", w.InsecurePolicy)
	put(tls, "certificate", string(w.Certificate))
	put(tls, "key", string(w.Key))
	put(tls, "caCertificate", string(w.Chain))
	put(tls, "destinationCACertificate", string(w.BackendCA))
	return tls
}

func put(m map[string]any, key, value string) {
	if value != "" {
		m[key] = value
	}
}

// generated is the annotation of a host that the server has made up.
const generated = "openshift.io/host.generated"

// appliedHost returns the host that an earlier run of regctl set; "" where the router generated it.
func appliedHost(live *cluster.Object) string {
	if live == nil || !change.Applied(live, Concern) || live.GetAnnotations()[generated] == "true" {
		return ""
	}
	return specField(live, "host")
}

// inTheWay is the change of a Route of others that is overwritten: beside another
// termination, a certificate or a path of theirs would be refused.
func (w *Way) inTheWay(live, want *cluster.Object) *change.Edit {
	if !w.Force || live == nil || change.Applied(live, Concern) {
		return nil
	}
	return &change.Edit{Client: w.Client, Ref: w.ref(), Do: func(o *cluster.Object) error {
		spec, _ := o.Object["spec"].(map[string]any)
		wanted, _ := want.Object["spec"].(map[string]any)
		if spec == nil {
			return nil
		}
		spec = maps.Clone(spec)
		for _, field := range []string{"tls", "path"} {
			delete(spec, field)
			if value, there := wanted[field]; there {
				spec[field] = value
			}
		}
		o.Object["spec"] = spec
		return nil
	}}
}

// specField returns a string field of the spec; "" without one.
func specField(o *cluster.Object, field string) string {
	spec, _ := o.Object["spec"].(map[string]any)
	value, _ := spec[field].(string)
	return value
}
