package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/route"
	"github.com/regctl/regctl/pkg/hint"
)

// Expose says how a Service is to be reached from outside the cluster.
type Expose struct {
	platform.Exposure
	Client    *cluster.Client
	Service   string
	OpenShift int // 3 or 4, whose routers are used even where no server says that it has some; 0: what the server says

	Force bool                             // overwrite fields that others own
	Warn  func(format string, args ...any) // what works, but perhaps not as it is meant
	Say   func(format string, args ...any) // what the cluster must have

	planned  planned
	workload string // name of the one behind the Service, once that is known
}

// Plan finds the changes. Nothing has been changed when it fails.
func (e *Expose) Plan(ctx context.Context) ([]plan.Change, error) {
	routes, err := e.check()
	if err != nil {
		return nil, err
	}
	svc, err := e.service(ctx)
	if err != nil {
		return nil, err
	}
	if e.OfService() {
		return e.serviceType(ctx, svc)
	}
	if routes {
		return e.route(ctx, svc)
	}
	port, err := e.choosePort(svc)
	if err != nil {
		return nil, err
	}
	if _, err := e.checkBackend(ctx, svc); err != nil {
		return nil, err
	}
	changes := e.certificates(svc)
	t := &target{Expose: e, port: port, labels: svc.labels(e.Labels)}
	o, err := t.object(ctx)
	if err != nil {
		return nil, err
	}
	leftovers, err := e.leftovers(ctx, o)
	changes = append(changes, &change.Apply{Client: e.Client, Object: o, Concern: route.Concern, Force: e.Force})
	return append(changes, leftovers...), err
}

// check finds what is wrong before anything is read, and tells whether a Route is to be made.
func (e *Expose) check() (routes bool, err error) {
	e.Kind = cmp.Or(e.Kind, platform.Passthrough)
	if err := cluster.CheckName(cmp.Or(e.Name, e.Service)); err != nil {
		return false, hint.BadUsage(err, "")
	}
	if err := cluster.CheckLabels(e.Labels); err != nil {
		return false, hint.BadUsage(err, "")
	}
	if e.OfService() {
		return false, e.checkService()
	}
	if routes, err = e.byRoute(); err != nil {
		return false, err
	}
	if routes {
		err = route.Check(e.Exposure)
	} else {
		err = cmp.Or(e.checkHost(), e.checkTLS(), e.checkPath(), e.checkPolicies())
	}
	if err == nil && e.Path != "" && !strings.HasPrefix("/v2/", e.Path) {
		e.warn("--path %s: registry clients always request /v2/, so no path can be set", e.Path)
	}
	return routes, err
}

func (e *Expose) checkService() error {
	if e.TLSSecret != "" || e.Certificate != nil || e.Gateway != "" || e.Class != "" || e.Path != "" {
		return hint.BadUsage(fmt.Errorf("--type %s cannot be used with a certificate, path, ingress class or gateway", serviceTypes()[e.Kind]), "omit them, or omit --type")
	}
	return nil
}

func (e *Expose) checkPolicies() error {
	switch {
	case e.WildcardPolicy != "" && e.WildcardPolicy != "None":
		return hint.BadUsage(fmt.Errorf("--wildcard-policy %s: requires a route", e.WildcardPolicy), "specify a wildcard instead: --hostname='*.registry.example.com'")
	case e.InsecurePolicy != "" && e.InsecurePolicy != platform.InsecureNone:
		return hint.BadUsage(fmt.Errorf("--insecure-policy %s: requires a route", e.InsecurePolicy), "omit it: registry clients use TLS by default")
	}
	return nil
}

func (e *Expose) checkHost() error {
	switch {
	case e.Host == "":
		return hint.BadUsage(fmt.Errorf("%s: requires --hostname", e.Service), "add --hostname HOST, a name that resolves to the ingress controller, or use --type NodePort")
	case net.ParseIP(e.Host) != nil:
		return hint.BadUsage(fmt.Errorf("--hostname %s: must be a DNS name, not an IP address", e.Host), "--hostname registry.example.com, or --type NodePort")
	case cluster.CheckName(strings.TrimPrefix(e.Host, "*.")) != nil || !strings.Contains(e.Host, "."):
		return hint.BadUsage(fmt.Errorf("--hostname %q: must be a lower-case host name with a domain, without scheme and port", e.Host), "--hostname registry.example.com")
	}
	return nil
}

// checkTLS sees that the certificates are those that the kind needs.
func (e *Expose) checkTLS() error {
	switch {
	case e.Kind == platform.Passthrough && (e.TLSSecret != "" || e.Certificate != nil):
		return hint.BadUsage(errors.New("a certificate cannot be used with passthrough: the registry presents its own"), "omit --cert, --key and --tls-secret, or add --edge")
	case e.Kind != platform.Passthrough && e.TLSSecret == "" && e.Certificate == nil:
		return hint.BadUsage(fmt.Errorf("%s: the ingress controller requires a certificate for %s", e.Kind, e.Host), "add --cert FILE --key FILE, or --tls-secret SECRET for an existing secret")
	case e.Kind != platform.Passthrough && e.Gateway != "":
		return hint.BadUsage(errors.New("--gateway: supports only passthrough"), "omit --"+e.Kind+" or --gateway")
	case e.Kind != platform.Reencrypt && (e.CASecret != "" || e.BackendCA != nil):
		return hint.BadUsage(errors.New("--dest-ca-cert: requires --reencrypt"), "omit it, or add --reencrypt")
	}
	return nil
}

func (e *Expose) checkPath() error {
	switch {
	case e.Path == "":
	case e.Kind == platform.Passthrough:
		return hint.BadUsage(fmt.Errorf("--path %s: cannot be used with passthrough, which cannot read the path", e.Path), "omit --path, or add --edge")
	case !strings.HasPrefix(e.Path, "/"):
		return hint.BadUsage(fmt.Errorf("--path %q: must begin with /", e.Path), "")
	}
	return nil
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
	if c.note != "" && t.Kind == platform.Passthrough {
		t.say("note: %s", c.note)
	}
	if t.Kind == platform.Passthrough && c.crd != nil {
		return t.custom(c)
	}
	return t.ingress(c), nil
}

// leftovers are objects of another kind by which the same was exposed before: two ways for one host would fight.
func (e *Expose) leftovers(ctx context.Context, made *cluster.Object) (changes []plan.Change, err error) {
	if e.Client.Offline() {
		return nil, nil
	}
	kinds := []cluster.GVK{ingressKind(), route.Kind(), {Group: gatewayGroup, Kind: "TLSRoute"}}
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
		if o != nil && change.Applied(o, route.Concern) {
			changes = append(changes, &change.Delete{Client: e.Client, Ref: ref})
		}
	}
	return changes, nil
}

func (e *Expose) warn(format string, args ...any) {
	if e.Warn != nil {
		e.Warn(format, args...)
	}
}

func (e *Expose) say(format string, args ...any) {
	if e.Say != nil {
		e.Say(format, args...)
	}
}
