package openshift4

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

const defaultRoute = "default-route" // as the operator calls it

// way is an Exposure as the operator takes it.
type way struct {
	before []plan.Change // the Secret of its certificate
	edit   func(spec object)
}

// isOperators tells whether a Service is the operator's: by its name, unless the user is in
// a namespace that has one of this name.
func (p *Platform) isOperators(ctx context.Context, service string) (bool, error) {
	if !Is(service) || p.Client.Offline() {
		return Is(service) && !p.elsewhere(), nil
	}
	if p.Named || p.Client.Namespace == Namespace {
		return !p.elsewhere(), nil
	}
	o, err := p.Client.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("Service"), Namespace: p.Client.Namespace, Name: service})
	if err != nil && hint.CodeOf(err) == hint.Denied {
		return true, nil
	}
	return o == nil, err
}

func (p *Platform) elsewhere() bool { return p.Named && p.Client.Namespace != Namespace }

// Expose finds the changes after which the operator's registry, or another Service, is exposed.
func (p *Platform) Expose(ctx context.Context, name string, e platform.Exposure) ([]plan.Change, error) {
	operators, err := p.isOperators(ctx, name)
	if err != nil {
		return nil, err
	}
	if !operators {
		return p.Own.Expose(ctx, name, e)
	}
	if err := checkWay(e); err != nil {
		return nil, err
	}
	c, err := p.config(ctx)
	if err != nil {
		return nil, err
	}
	if e.Kind != platform.ClusterIP {
		if err := c.running(); err != nil {
			return nil, err
		}
	}
	w, err := p.way(ctx, c, e)
	if err != nil {
		return nil, err
	}
	return append(w.before, p.edit([]func(object){w.edit})), nil
}

// running refuses a registry whose routes nobody would make.
func (c *config) running() error {
	switch state := c.Spec.ManagementState; {
	case state == platform.Removed && c.storage() == nil:
		return hint.Errorf("regctl registry deploy --storage pvc --claim-size 100Gi, then run this again", "the registry is Removed: the operator creates no routes")
	case state == platform.Removed:
		return hint.Errorf("regctl registry deploy, then run this again", "the registry is Removed: the operator creates no routes; its storage is still configured: %s", c.storage().Place())
	case state == platform.Unmanaged:
		return hint.Errorf("regctl registry deploy", "the registry is Unmanaged: the operator creates no routes")
	}
	return nil
}

// checkWay refuses what the operator's routes cannot be.
func checkWay(e platform.Exposure) error {
	for _, part := range []struct {
		said          bool
		what, instead string
	}{
		{e.Kind == platform.Passthrough || e.Kind == platform.Edge, "--" + e.Kind, "omit it, or create your own route: oc create route " + e.Kind + " --help"},
		{e.Kind == platform.NodePort || e.Kind == platform.LoadBalancer, "--type " + e.Kind, "omit it; the operator manages the service"},
		{e.Class != "" || e.Controller != "" || e.Gateway != "", "an ingress class, controller or gateway", "omit it"},
		{e.Path != "" || e.Port != "", "a path or a port", "omit it"},
		{len(e.Labels) > 0 || e.InsecurePolicy != "" || e.WildcardPolicy != "", "labels and policies of a route", "omit them"},
		{e.BackendCA != nil || e.CASecret != "", "--dest-ca-cert", "omit it: the router trusts the CA of the registry's certificate"},
	} {
		if part.said {
			return hint.BadUsage(fmt.Errorf("%s: %w: the operator creates the routes of the cluster's registry, always as reencrypt", part.what, platform.ErrUnsupported), part.instead)
		}
	}
	if err := checkCertificate(e); err != nil {
		return err
	}
	if err := cluster.CheckName(cmp.Or(e.Name, Name)); err != nil {
		return hint.BadUsage(err, "")
	}
	return checkHost(e.Host)
}

func checkCertificate(e platform.Exposure) error {
	switch {
	case e.Name == defaultRoute && !isDefault(e):
		return hint.BadUsage(errors.New("--name "+defaultRoute+": the default route has the router's host and certificate"), "omit --name, or choose another")
	case e.Chain != nil && e.Certificate == nil:
		return hint.BadUsage(errors.New("--ca-cert: requires --cert, whose chain it completes"), "add --cert FILE --key FILE")
	case slices.Contains([]string{userSecret, "image-registry-private-configuration", "image-registry-tls"}, e.TLSSecret):
		return hint.BadUsage(errors.New("--tls-secret "+e.TLSSecret+": it is the registry's own secret"), "name another, or add --cert FILE --key FILE")
	}
	return nil
}

func checkHost(host string) error {
	if host != "" && (net.ParseIP(host) != nil || cluster.CheckName(host) != nil || !strings.Contains(host, ".")) {
		return hint.BadUsage(fmt.Errorf("--hostname %q: must be a lower-case host name with a domain, without scheme and port", host), "--hostname registry.example.com")
	}
	return nil
}

// isDefault tells an exposure by the default route: nothing is said of host and certificate.
func isDefault(e platform.Exposure) bool {
	return e.Host == "" && e.Certificate == nil && e.TLSSecret == "" && (e.Name == "" || e.Name == defaultRoute)
}

// routeName is how the route of an exposure is called. A host that has a route already keeps it.
func (c *config) routeName(e platform.Exposure) string {
	if isDefault(e) {
		return defaultRoute
	}
	for _, r := range c.Spec.Routes {
		if e.Name == "" && e.Host != "" && r.Hostname == e.Host {
			return r.Name
		}
	}
	return cmp.Or(e.Name, Name)
}

// way finds what an exposure changes in the configuration.
func (p *Platform) way(ctx context.Context, c *config, e platform.Exposure) (way, error) {
	name := c.routeName(e)
	if e.Kind == platform.ClusterIP {
		return way{edit: closed(e.Name)}, nil
	}
	if name == defaultRoute {
		return way{edit: func(spec object) { spec["defaultRoute"] = true }}, nil
	}
	w, secret := way{}, e.TLSSecret
	if e.Certificate != nil {
		secret = cmp.Or(secret, name+"-route-tls")
		data := map[string][]byte{"tls.crt": e.Certificate, "tls.key": e.Key, "tls.cacrt": e.Chain}
		change, err := p.data(ctx, "Secret", Namespace, secret, data)
		if err != nil {
			return w, err
		}
		w.before = []plan.Change{change}
	} else if err := p.hasCertificate(ctx, secret); err != nil {
		return w, err
	}
	w.edit = func(spec object) { spec["routes"] = with(spec, name, e.Host, secret) }
	return w, nil
}

// closed takes a route away: the one of a name; without one those that an exposure makes where none is named.
func closed(name string) func(spec object) {
	return func(spec object) {
		if name == "" || name == defaultRoute {
			delete(spec, "defaultRoute")
		}
		if name != defaultRoute && spec["routes"] != nil {
			put(spec, "routes", without(spec, cmp.Or(name, Name)))
		}
	}
}

// hasCertificate sees that a Secret that was named is one.
func (p *Platform) hasCertificate(ctx context.Context, name string) error {
	if name == "" || p.Client.Offline() {
		return nil
	}
	ref := cluster.Ref{GVK: cluster.CoreKind("Secret"), Namespace: Namespace, Name: name}
	o, err := p.Client.Get(ctx, ref)
	if err != nil {
		return err
	}
	if o == nil {
		return hint.Errorf("kubectl get secrets -n "+Namespace+", or add --cert FILE --key FILE", "%s: not found in namespace %s", ref, Namespace)
	}
	data, _ := o.Object["data"].(object)
	if data["tls.crt"] == nil || data["tls.key"] == nil {
		return hint.Errorf("specify another secret, or add --cert FILE --key FILE", "%s: no tls.crt or no tls.key key", ref)
	}
	return nil
}

// with is the list of routes with one of a name, whose other fields are kept.
func with(spec object, name, host, secret string) list {
	all, _ := spec["routes"].(list)
	out := slices.Clone(all)
	item := object{"name": name}
	i := slices.IndexFunc(out, func(r any) bool { r2, _ := r.(object); return r2["name"] == name })
	if i >= 0 {
		old, _ := out[i].(object)
		for key, value := range old {
			item[key] = value
		}
		out[i] = item
	} else {
		out = append(out, item)
	}
	if host != "" {
		item["hostname"] = host
	}
	if secret != "" {
		item["secretName"] = secret
	}
	return out
}

// without is the list of routes less one.
func without(spec object, name string) list {
	all, _ := spec["routes"].(list)
	return slices.DeleteFunc(slices.Clone(all), func(r any) bool { o, _ := r.(object); return o["name"] == name })
}
