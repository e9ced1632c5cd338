package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// Mark is the label that regctl puts on all that it makes for a registry.
const Mark = "regctl.io/registry"

// Inventory are all objects that a registry is made of.
type Inventory struct {
	Running []cluster.Ref // workload, services, exposures: what can be made again
	Secrets []cluster.Ref // passwords, the certificate's CA: made again, they differ
	Claims  []cluster.Ref // the images
	Others  []cluster.Ref // claims of its that another client has created: they stay in any case
	Lost    string        // where images are that go with the pods; "" where they stay
	Place   string        // where images stay that are in no claim: a directory, a share, a bucket
}

// running are the kinds of objects that can be made again, in the order in which they are deleted.
func running() []cluster.GVK {
	kinds := []cluster.GVK{
		{Group: "route.openshift.io", Version: "v1", Kind: "Route"},
		{Group: "gateway.networking.k8s.io", Kind: "TLSRoute"}, // in whichever version the server prefers
		{Group: "traefik.io", Kind: "IngressRouteTCP"},
		{Group: "traefik.containo.us", Kind: "IngressRouteTCP"},
		{Group: "projectcontour.io", Kind: "HTTPProxy"},
		{Group: "k8s.nginx.org", Kind: "TransportServer"},
		{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
	}
	kinds = append(kinds, workloads()...)
	return append(kinds, cluster.CoreKind("Service"), cluster.GVK{Group: "policy", Kind: "PodDisruptionBudget"},
		cluster.CoreKind("ConfigMap"), cluster.CoreKind("ServiceAccount"))
}

// InventoryOf finds what there is of a registry: what bears regctl's mark, and, of one that
// somebody else has made, its workload and the Service of its name.
func InventoryOf(ctx context.Context, c *cluster.Client, name string) (Inventory, error) {
	var p Inventory
	err := checkName(name)
	if err != nil {
		return p, err
	}
	for _, gvk := range running() {
		if p.Running, err = marked(ctx, c, gvk, name, p.Running); err != nil {
			return p, err
		}
	}
	if p.Secrets, err = marked(ctx, c, cluster.CoreKind("Secret"), name, nil); err != nil {
		return p, err
	}
	if p.Claims, err = marked(ctx, c, cluster.CoreKind("PersistentVolumeClaim"), name, nil); err != nil {
		return p, err
	}
	return p, p.addWorkload(ctx, c, name)
}

func marked(ctx context.Context, c *cluster.Client, gvk cluster.GVK, name string, to []cluster.Ref) ([]cluster.Ref, error) {
	if known, err := c.Has(gvk); err != nil || !known {
		return to, err
	}
	list, err := c.List(ctx, gvk, Mark+"="+name)
	for i := range list {
		to = append(to, cluster.RefOf(&list[i]))
	}
	return to, err
}

// addWorkload adds what nobody has marked, and looks where the images are.
func (p *Inventory) addWorkload(ctx context.Context, c *cluster.Client, name string) error {
	for _, gvk := range append(workloads(), cluster.CoreKind("Service")) {
		o, err := get(ctx, c, cluster.Ref{GVK: gvk, Namespace: c.Namespace, Name: name})
		if err != nil {
			return err
		}
		if o == nil {
			continue
		}
		if !cluster.IsRegistry(o) {
			if len(p.Running) > 0 { // beside a registry, by chance of the same name
				continue
			}
			ref := cluster.RefOf(o)
			return hint.BadUsage(fmt.Errorf("%s: not recognized as a registry", ref), fmt.Sprintf("to delete it anyway: kubectl delete %s -n %s", ref, c.Namespace))
		}
		if ref := cluster.RefOf(o); !slices.Contains(p.Running, ref) {
			p.Running = append(p.Running, ref)
		}
		if gvk.Kind == "Service" {
			continue
		}
		t, err := TemplateOf(o)
		if err != nil {
			return err
		}
		p.images(t, c.Namespace)
	}
	return nil
}

// images notes where the workload's are.
func (p *Inventory) images(t Template, namespace string) {
	s, _ := t.storage()
	switch {
	case s.Ephemeral:
		p.Lost = s.Kind
	case s.Kind == platform.KindPVC:
		ref := cluster.Ref{GVK: cluster.CoreKind("PersistentVolumeClaim"), Namespace: namespace, Name: s.Place}
		if !slices.Contains(p.Claims, ref) {
			p.Others = append(p.Others, ref)
		}
	default:
		p.Place = strings.TrimSpace(s.Kind + " " + s.Place)
	}
}
