package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// The ways in which a registry can be reached from outside the cluster.
const (
	Passthrough  = "passthrough"  // TLS ends at the registry
	Edge         = "edge"         // TLS ends at the ingress controller, which goes on without
	Reencrypt    = "reencrypt"    // TLS ends there, and the controller speaks TLS to the registry too
	NodePort     = "NodePort"     // a port of every node
	LoadBalancer = "LoadBalancer" // an address of its own
	ClusterIP    = "ClusterIP"    // not at all, if it was by one of the last two
)

// Expose says how a Service is to be reached from outside the cluster.
type Expose struct {
	Client  *cluster.Client
	Service string
	Kind    string // Passthrough, Edge, …

	// for the first three kinds
	Name       string // of the object that is made; "" is the Service's
	Host       string
	Path       string // "" is /
	Port       string // of the Service: name or number; "" is the one that it has, or the registry's
	Labels     map[string]string
	Class      string // IngressClass; "" is one that can do it
	Controller string // "" is what the class says
	Gateway    string // [NAMESPACE/]NAME[:LISTENER] of a Gateway that is to be used instead
	TLSSecret  string // with the certificate of Edge and Reencrypt
	CASecret   string // with the CA of the registry's certificate, for Reencrypt

	Force bool                             // take over fields that others own
	Warn  func(format string, args ...any) // what works, but perhaps not as it is meant
	Say   func(format string, args ...any) // what the cluster must have

	workload string // name of the one behind the Service, once that is known
}

// Plan finds the changes. Nothing has been changed when it fails.
func (e *Expose) Plan(ctx context.Context) ([]plan.Change, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	svc, err := e.service(ctx)
	if err != nil {
		return nil, err
	}
	switch e.Kind {
	case NodePort, LoadBalancer, ClusterIP:
		return e.serviceType(ctx, svc)
	}
	if err := e.noRoutes(); err != nil {
		return nil, err
	}
	port, err := e.choosePort(svc)
	if err != nil {
		return nil, err
	}
	if err := e.checkBackend(ctx, svc); err != nil {
		return nil, err
	}
	t := &target{Expose: e, port: port, labels: svc.labels(e.Labels)}
	o, err := t.object(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := e.leftovers(ctx, o)
	return append([]plan.Change{&cluster.Apply{Client: e.Client, Object: o, Concern: "expose", Force: e.Force}}, changes...), err
}

// check finds what is wrong without a cluster.
func (e *Expose) check() error {
	if err := cluster.CheckName(cmp.Or(e.Name, e.Service)); err != nil {
		return hint.BadUsage(err, "")
	}
	if err := cluster.CheckLabels(e.Labels); err != nil {
		return hint.BadUsage(err, "")
	}
	switch e.Kind {
	case NodePort, LoadBalancer, ClusterIP:
		if e.TLSSecret != "" || e.Gateway != "" || e.Class != "" || e.Path != "" {
			return hint.BadUsage(fmt.Errorf("--type %s exposes the Service itself: it has no certificate, path, ingress class or gateway", e.Kind), "leave them out, or leave out --type")
		}
		return nil
	}
	if err := e.checkHost(); err != nil {
		return err
	}
	if err := e.checkTLS(); err != nil {
		return err
	}
	return e.checkPath()
}

func (e *Expose) checkHost() error {
	switch {
	case e.Host == "":
		return hint.BadUsage(fmt.Errorf("%s: which host name? --hostname is missing", e.Service), "add --hostname registry.example.com, a name that leads to the ingress controller; or do without: --type NodePort")
	case net.ParseIP(e.Host) != nil:
		return hint.BadUsage(fmt.Errorf("--hostname %s: a name is needed, since requests are told apart by it", e.Host), "--hostname registry.example.com, or --type NodePort")
	case cluster.CheckName(strings.TrimPrefix(e.Host, "*.")) != nil || !strings.Contains(e.Host, "."):
		return hint.BadUsage(fmt.Errorf("--hostname %q: must be a host name with a domain, in small letters, without scheme and port", e.Host), "--hostname registry.example.com")
	}
	return nil
}

// checkTLS sees that the certificates are those that the kind needs.
func (e *Expose) checkTLS() error {
	switch {
	case e.Kind == Passthrough && e.TLSSecret != "":
		return hint.BadUsage(errors.New("passthrough takes no certificate: the registry shows its own"), "leave out --cert, --key and --tls-secret, or add --edge")
	case e.Kind != Passthrough && e.TLSSecret == "":
		return hint.BadUsage(fmt.Errorf("%s: the ingress controller needs a certificate for %s", e.Kind, e.Host), "add --cert FILE --key FILE, or --tls-secret NAME of one that is there")
	case e.Kind != Passthrough && e.Gateway != "":
		return hint.BadUsage(errors.New("--gateway: regctl only passes TLS through a Gateway"), "leave out --"+e.Kind+" or --gateway")
	case e.Kind != Reencrypt && e.CASecret != "":
		return hint.BadUsage(errors.New("--dest-ca-cert: only --reencrypt looks at the registry's certificate"), "leave it out, or add --reencrypt")
	}
	return nil
}

func (e *Expose) checkPath() error {
	switch {
	case e.Path == "":
	case e.Kind == Passthrough:
		return hint.BadUsage(fmt.Errorf("--path %s: TLS that is passed through hides the path", e.Path), "leave out --path, or add --edge")
	case !strings.HasPrefix(e.Path, "/"):
		return hint.BadUsage(fmt.Errorf("--path %q: must begin with /", e.Path), "")
	case !strings.HasPrefix("/v2/", e.Path):
		e.Warn("--path %s: clients of registries ask below /v2/, whatever their image names say", e.Path)
	}
	return nil
}

// noRoutes refuses a cluster where routes are the way.
func (e *Expose) noRoutes() error {
	found, err := e.Client.Has(cluster.GVK{Group: "route.openshift.io", Version: "v1", Kind: "Route"})
	if err != nil || !found {
		return err
	}
	return hint.Errorf(fmt.Sprintf("oc create route %s --service=%s --hostname=%s -n %s", e.Kind, e.Service, e.Host, e.Client.Namespace),
		"this cluster has Routes: %w", platform.ErrUnsupported)
}

// target is the object that leads to the Service.
type target struct {
	*Expose
	port   servicePort
	labels map[string]any
}

func (t *target) object(ctx context.Context) (*cluster.Object, error) {
	if t.Gateway != "" {
		return t.tlsRoute(ctx)
	}
	c, class, err := t.controller(ctx)
	if err != nil {
		return nil, err
	}
	t.Class = class
	if c.note != "" && t.Kind == Passthrough {
		t.Say("note: %s", c.note)
	}
	if t.Kind == Passthrough && c.crd != nil {
		return t.custom(c)
	}
	return t.ingress(c), nil
}

// leftovers are objects of another kind by which the same was exposed before: two ways for one host would fight.
func (e *Expose) leftovers(ctx context.Context, made *cluster.Object) (changes []plan.Change, err error) {
	if e.Client.Offline() {
		return nil, nil
	}
	kinds := []cluster.GVK{ingressKind(), {Group: gatewayGroup, Kind: "TLSRoute"}}
	for _, c := range controllers() {
		if c.crd != nil {
			kinds = append(kinds, c.crd.gvk...)
		}
	}
	for _, gvk := range kinds {
		if gvk.Group == made.GroupVersionKind().Group && gvk.Kind == made.GetKind() {
			continue
		}
		gvk, served, err := e.Client.Served(gvk.Group, gvk.Kind)
		if err != nil || !served {
			if err != nil {
				return nil, err
			}
			continue
		}
		ref := cluster.Ref{GVK: gvk, Namespace: e.Client.Namespace, Name: made.GetName()}
		o, err := e.Client.Get(ctx, ref)
		if err != nil {
			return nil, err
		}
		if o != nil && cluster.Applied(o, "expose") {
			changes = append(changes, &cluster.Delete{Client: e.Client, Ref: ref})
		}
	}
	return changes, nil
}
