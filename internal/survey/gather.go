package survey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/pods"
	"github.com/regctl/regctl/internal/cluster/wait"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Objects are what a Status is read from.
type Objects struct {
	Workload  *cluster.Object
	Pods      []corev1.Pod // newest first
	Reason    *wait.Reason
	Services  []corev1.Service
	Endpoints map[string][]string // by service
	Claim     *corev1.PersistentVolumeClaim
	TLS       *corev1.Secret
	Users     *corev1.Secret
	Ingresses []networkingv1.Ingress
	Routes    []cluster.Object // OpenShift's Routes, the Gateway API's TLSRoutes
	Volume    *Usage
	Others    []string  // names of further objects with its label
	Gaps      []Warning // what could not be read
}

// Look reads all that a registry is made of, and what is known of it now. What the
// user may not read is left out, and a warning says so.
func Look(ctx context.Context, c *cluster.Client, name string, now time.Time) (*Status, error) {
	workload, err := Find(ctx, c, name)
	if err != nil {
		return nil, err
	}
	t, err := TemplateOf(workload)
	if err != nil {
		return nil, err
	}
	g := &gatherer{ctx: ctx, c: c, o: Objects{Workload: workload, Endpoints: map[string][]string{}}}
	if g.o.Pods, err = pods.Pods(ctx, c, workload); err != nil {
		return nil, err
	}
	g.services(t)
	g.storage(t)
	g.secrets(t)
	g.exposure()
	if r, err := wait.RolloutOf(workload); err == nil && !r.Done {
		g.o.Reason, err = wait.DiagnosePods(ctx, c, workload, g.o.Pods)
		g.gap("why it is not ready", err)
	}
	return Read(name, g.o, t, now)
}

type gatherer struct {
	ctx context.Context
	c   *cluster.Client
	o   Objects
}

// gap notes what could not be read.
func (g *gatherer) gap(what string, err error) {
	if err != nil {
		g.o.Gaps = append(g.o.Gaps, Warning{Text: fmt.Sprintf("%s: unknown: %v", what, err)})
	}
}

// list reads all objects of a kind that the server may not know.
func list[T any](g *gatherer, gvk cluster.GVK, selector string) []T {
	raw := g.raw(gvk, selector)
	var all []T
	for i := range raw {
		t, err := cluster.Decode[T](&raw[i])
		if err != nil {
			g.gap(gvk.Kind, err)
			continue
		}
		all = append(all, *t)
	}
	return all
}

func (g *gatherer) raw(gvk cluster.GVK, selector string) []cluster.Object {
	known, err := g.c.Has(gvk)
	if err != nil || !known {
		g.gap(gvk.Kind, err)
		return nil
	}
	all, err := g.c.List(g.ctx, gvk, selector)
	g.gap(gvk.Kind, err)
	return all
}

// one reads a named object; nil where it is absent.
func one[T any](g *gatherer, kind, name string) *T {
	if name == "" {
		return nil
	}
	o, err := g.c.Get(g.ctx, cluster.Ref{GVK: cluster.CoreKind(kind), Namespace: g.c.Namespace, Name: name})
	if err != nil || o == nil {
		g.gap(kind, err)
		return nil
	}
	t, err := cluster.Decode[T](o)
	g.gap(kind, err)
	return t
}

// services are those that lead to the registry's pods.
func (g *gatherer) services(t Template) {
	for _, s := range list[corev1.Service](g, cluster.CoreKind("Service"), "") {
		if len(s.Spec.Selector) > 0 && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(t.Labels)) {
			g.o.Services = append(g.o.Services, s)
		}
	}
	slice := cluster.GVK{Group: "discovery.k8s.io", Version: "v1", Kind: "EndpointSlice"}
	modern, err := g.c.Has(slice)
	g.gap("EndpointSlice", err)
	for _, s := range g.o.Services {
		if modern {
			g.o.Endpoints[s.Name] = fromSlices(list[discoveryv1.EndpointSlice](g, slice, discoveryv1.LabelServiceName+"="+s.Name))
		} else if e := one[corev1.Endpoints](g, "Endpoints", s.Name); e != nil { //nolint:staticcheck // servers before 1.21 have nothing else
			g.o.Endpoints[s.Name] = fromEndpoints(e)
		}
	}
}

func fromSlices(slices []discoveryv1.EndpointSlice) (all []string) {
	for _, s := range slices {
		for _, e := range s.Endpoints {
			if e.Conditions.Ready != nil && !*e.Conditions.Ready {
				continue
			}
			for _, p := range s.Ports {
				if p.Port != nil && len(e.Addresses) > 0 {
					all = append(all, hostPort(e.Addresses[0], *p.Port))
				}
			}
		}
	}
	return all
}

func fromEndpoints(e *corev1.Endpoints) (all []string) { //nolint:staticcheck // see services
	for _, s := range e.Subsets {
		for _, a := range s.Addresses {
			for _, p := range s.Ports {
				all = append(all, hostPort(a.IP, p.Port))
			}
		}
	}
	return all
}

func (g *gatherer) storage(t Template) {
	s, volume := t.storage()
	if s.Kind == "pvc" {
		g.o.Claim = one[corev1.PersistentVolumeClaim](g, "PersistentVolumeClaim", s.Place)
	}
	if pod := pods.Serving(g.o.Pods); volume != nil && pod != nil {
		g.o.Volume = usage(g.ctx, g.c, pod, volume.Name)
	}
}

func (g *gatherer) secrets(t Template) {
	g.o.TLS = one[corev1.Secret](g, "Secret", t.tlsSecret())
	g.o.Users = one[corev1.Secret](g, "Secret", t.auth().Secret)
}

// exposure finds the exposures whose backend is one of the services.
func (g *gatherer) exposure() {
	for _, i := range list[networkingv1.Ingress](g, cluster.GVK{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"}, "") {
		if slices.ContainsFunc(ingressServices(&i), g.leads) {
			g.o.Ingresses = append(g.o.Ingresses, i)
		}
	}
	for _, gvk := range []cluster.GVK{
		{Group: "route.openshift.io", Version: "v1", Kind: "Route"},
		{Group: "gateway.networking.k8s.io", Kind: "TLSRoute"},
	} {
		for _, r := range g.raw(gvk, "") {
			if slices.ContainsFunc(routeServices(&r), g.leads) {
				g.o.Routes = append(g.o.Routes, r)
			}
		}
	}
}

// leads tells whether a service is the registry's.
func (g *gatherer) leads(service string) bool {
	return slices.ContainsFunc(g.o.Services, func(s corev1.Service) bool { return s.Name == service })
}
