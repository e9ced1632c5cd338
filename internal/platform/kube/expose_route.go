package kube

import (
	"context"
	"fmt"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/route"
	"github.com/regctl/regctl/pkg/hint"
)

// byRoute tells whether the router of an OpenShift is to do it: it is, where there is one
// and nobody has named something else. A controller is only named where it cannot be found.
func (e *Expose) byRoute() (bool, error) {
	switch {
	case e.OfService() || e.Class != "" || e.Gateway != "":
		return false, nil
	case e.OpenShift != 0 || e.Controller != "":
		return e.OpenShift != 0, nil
	}
	return e.Client.Has(route.Kind())
}

// route finds the changes by which the router leads to the Service.
func (e *Expose) route(ctx context.Context, s *service) ([]plan.Change, error) {
	target, err := e.endpoint(s)
	if err != nil {
		return nil, err
	}
	b, err := e.checkBackend(ctx, s)
	if err != nil {
		return nil, err
	}
	w := e.way(s)
	w.Target = target
	if err := e.readCertificates(ctx, w, b); err != nil {
		return nil, err
	}
	e.warnRoute(w, b)
	change, err := w.Plan(ctx)
	if err != nil {
		return nil, err
	}
	leftovers, err := e.leftovers(ctx, change.Object)
	return append([]plan.Change{change}, leftovers...), err
}

func (e *Expose) way(s *service) *route.Way {
	w := &route.Way{Exposure: e.Exposure, Client: e.Client, Service: e.Service, Force: e.Force, Marks: map[string]string{mark: e.registry(s)}}
	if s.o != nil {
		for key, value := range s.o.GetLabels() {
			w.Marks[key] = value
		}
	}
	return w
}

// endpoint is the port of the pods that the Service's port leads to, by the name that it
// has in both; nil where a Route needs none.
func (e *Expose) endpoint(s *service) (any, error) {
	if s.o == nil && e.Port == "" {
		return nil, nil
	}
	if s.o == nil && !numeric(e.Port) {
		return e.Port, nil
	}
	port, err := e.choosePort(s)
	switch {
	case err != nil:
		return nil, err
	case port.name != "":
		return port.name, nil
	case port.target != nil:
		return port.target, nil
	}
	return port.number, nil
}

// readCertificates puts what the router is to present and to trust into the Route itself.
func (e *Expose) readCertificates(ctx context.Context, w *route.Way, b *backend) error {
	if e.TLSSecret != "" && w.Certificate == nil {
		o, err := e.secret(ctx, e.TLSSecret, "--cert FILE --key FILE")
		if err != nil {
			return err
		}
		w.Certificate, w.Key = secretValue(o, "tls.crt"), secretValue(o, "tls.key")
		if w.Certificate == nil || w.Key == nil {
			return hint.Errorf("specify a secret of type kubernetes.io/tls, or add --cert FILE --key FILE", "secret/%s: no tls.crt or no tls.key key", e.TLSSecret)
		}
	}
	if e.Kind != platform.Reencrypt || w.BackendCA != nil {
		return nil
	}
	if e.CASecret == "" {
		return e.backendCA(ctx, w, b)
	}
	o, err := e.secret(ctx, e.CASecret, "--dest-ca-cert FILE")
	if err != nil {
		return err
	}
	if w.BackendCA = secretValue(o, "ca.crt"); w.BackendCA == nil {
		return hint.Errorf("specify another secret, or add --dest-ca-cert FILE", "secret/%s: no ca.crt key", e.CASecret)
	}
	return nil
}

// secret reads one whose content goes into a Route.
func (e *Expose) secret(ctx context.Context, name, instead string) (*cluster.Object, error) {
	if e.Client.Offline() {
		return nil, hint.BadUsage(fmt.Errorf("secret/%s: a route contains the certificate, which cannot be read without a cluster", name), instead)
	}
	o, err := e.Client.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("Secret"), Namespace: e.Client.Namespace, Name: name})
	if err == nil && o == nil {
		err = hint.Errorf("kubectl get secrets -n "+e.Client.Namespace+", or add "+instead, "secret/%s: not found in namespace %s", name, e.Client.Namespace)
	}
	return o, err
}

// backendCA finds the CA of the registry's certificate where nobody has given it.
func (e *Expose) backendCA(ctx context.Context, w *route.Way, b *backend) error {
	if b != nil && b.secret != "" && !e.Client.Offline() {
		o, err := e.Client.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("Secret"), Namespace: e.Client.Namespace, Name: b.secret})
		if err == nil {
			w.BackendCA = secretValue(o, "ca.crt")
		}
	}
	if w.BackendCA != nil {
		e.say("the router verifies the registry's certificate with the CA in secret/%s", b.secret)
		return nil
	}
	if e.planned.there() {
		return hint.BadUsage(fmt.Errorf("reencrypt: the CA of the registry's certificate is unknown until it is created"),
			fmt.Sprintf("set caSecret, or deploy without exposure first, then run: regctl expose svc/%s -n %s --reencrypt", e.Service, e.Client.Namespace))
	}
	old, err := e.version3()
	if err != nil {
		return err
	}
	if old {
		return hint.BadUsage(fmt.Errorf("--reencrypt: the router requires the CA of the registry's certificate"), "add --dest-ca-cert FILE")
	}
	e.warn("the router verifies the registry's certificate with the cluster's service CA; if another CA issued it, add --dest-ca-cert FILE")
	return nil
}

// version3 tells an OpenShift whose routers know no CA of services.
func (e *Expose) version3() (bool, error) {
	if e.OpenShift != 0 || e.Client.Offline() {
		return e.OpenShift == 3, nil
	}
	kind, err := platform.Detect(func(group, kind string) (bool, error) {
		_, served, err := e.Client.Served(group, kind)
		return served, err
	})
	return kind == platform.OpenShift3, err
}

// warnRoute says what works otherwise than it looks.
func (e *Expose) warnRoute(w *route.Way, b *backend) {
	if e.InsecurePolicy == platform.InsecureAllow {
		e.warn("--insecure-policy Allow: passwords and images sent without TLS can be intercepted")
	}
	if e.Kind != platform.Edge {
		return
	}
	host := w.Host
	if host == "" {
		host = "HOST"
	}
	ref := "dc/" + e.Service
	if b != nil {
		if b.knowsHost() {
			return
		}
		ref = b.ref()
	}
	e.warn("--edge: traffic between the router and the registry is not encrypted; if pushes fail with \"unauthorized\", set the registry's external URL: regctl env set %s -n %s REGISTRY_HTTP_HOST=https://%s",
		ref, e.Client.Namespace, host)
}

// knowsHost tells whether the registry's answers lead back to where it was called.
func (b *backend) knowsHost() bool {
	c := (&found{workload: b.o}).container()
	set := settingsOf(c)
	image, _ := c["image"].(string)
	return set.Host != "" || set.RelativeURLs == "true" || platform.OwnImage(image)
}
