package kube

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// service is the Service that is to be exposed; o is nil where there is no cluster to ask.
type service struct {
	o     *cluster.Object
	ports []servicePort
}

type servicePort struct {
	name             string
	number, nodePort int64
	target           any // of the pods: number or name; nil: the same
}

// mark is the label of all that belongs to a registry.
const mark = "regctl.io/registry"

// registry is the one whose Service it is.
func (e *Expose) registry(s *service) string {
	if s.o != nil && s.o.GetLabels()[mark] != "" {
		return s.o.GetLabels()[mark]
	}
	return e.Service
}

// serviceTypes are the types of a Service, as Kubernetes writes them.
func serviceTypes() map[string]string {
	return map[string]string{platform.NodePort: "NodePort", platform.LoadBalancer: "LoadBalancer", platform.ClusterIP: "ClusterIP"}
}

func (e *Expose) serviceRef() cluster.Ref {
	return cluster.Ref{GVK: cluster.CoreKind("Service"), Namespace: e.Client.Namespace, Name: e.Service}
}

func (e *Expose) service(ctx context.Context) (*service, error) {
	o := e.planned.service
	if o == nil && e.Client.Offline() {
		return &service{}, nil
	}
	if o == nil {
		var err error
		if o, err = e.Client.Get(ctx, e.serviceRef()); err != nil {
			return nil, err
		}
	}
	if o == nil {
		return nil, hint.Errorf("kubectl get services -n "+e.Client.Namespace+", or create one: regctl registry deploy "+e.Service+" -n "+e.Client.Namespace,
			"service/%s: not found in namespace %s", e.Service, e.Client.Namespace)
	}
	s := &service{o: o}
	if kind, _ := nested[string](o, "spec", "type"); kind == "ExternalName" {
		return nil, hint.Errorf("specify the registry's service", "service/%s is an ExternalName service, which cannot be exposed", e.Service)
	}
	ports, _ := nested[list](o, "spec", "ports")
	for _, p := range ports {
		p, _ := p.(object)
		if protocol, _ := p["protocol"].(string); protocol != "" && protocol != "TCP" {
			continue
		}
		name, _ := p["name"].(string)
		number, _ := p["port"].(int64)
		node, _ := p["nodePort"].(int64)
		s.ports = append(s.ports, servicePort{name, number, node, p["targetPort"]})
	}
	if len(s.ports) == 0 {
		return nil, hint.Errorf("specify the registry's service", "service/%s has no TCP port", e.Service)
	}
	return s, nil
}

// labels are the Service's, as "oc expose" copies them, and those that were given.
func (s *service) labels(more map[string]string) map[string]any {
	all := map[string]any{}
	if s.o != nil {
		for key, value := range s.o.GetLabels() {
			all[key] = value
		}
	}
	for key, value := range more {
		all[key] = value
	}
	return all
}

// choosePort takes the named port, the only one, or the registry's.
func (e *Expose) choosePort(s *service) (servicePort, error) {
	number, _ := strconv.ParseInt(e.Port, 10, 32)
	numeric := numeric(e.Port)
	switch {
	case numeric && (number < 1 || number > 65535):
		return servicePort{}, hint.BadUsage(fmt.Errorf("--port %q: not a port", e.Port), "")
	case s.o == nil && e.Port == "":
		return servicePort{number: 5000}, nil
	case s.o == nil && !numeric:
		return servicePort{}, hint.BadUsage(fmt.Errorf("--port %s: the number of a named port is unknown without a cluster", e.Port), "--port 5000")
	case s.o == nil:
		return servicePort{number: number}, nil
	case e.Port == "":
		return e.usualPort(s)
	}
	i := slices.IndexFunc(s.ports, func(p servicePort) bool { return p.name == e.Port || numeric && p.number == number })
	if i < 0 {
		return servicePort{}, hint.Errorf("--port "+fmt.Sprint(s.ports[0].number), "service/%s has no port %s; ports: %s", e.Service, e.Port, s.portNames())
	}
	return s.ports[i], nil
}

func numeric(port string) bool {
	_, err := strconv.ParseInt(port, 10, 32)
	return err == nil
}

func (e *Expose) usualPort(s *service) (servicePort, error) {
	if len(s.ports) == 1 {
		return s.ports[0], nil
	}
	i := slices.IndexFunc(s.ports, func(p servicePort) bool { return p.number == 5000 || p.name == "registry" })
	if i < 0 {
		return servicePort{}, hint.BadUsage(fmt.Errorf("service/%s has several ports: %s", e.Service, s.portNames()), "choose one: --port "+fmt.Sprint(s.ports[0].number))
	}
	return s.ports[i], nil
}

func (s *service) portNames() string {
	var names []string
	for _, p := range s.ports {
		names = append(names, strings.TrimPrefix(fmt.Sprintf("%s (%d)", p.name, p.number), " "))
	}
	return strings.Join(names, ", ")
}

// serviceType changes what kind of Service it is, and nothing else of it.
func (e *Expose) serviceType(ctx context.Context, s *service) ([]plan.Change, error) {
	if _, err := e.choosePort(s); e.Port != "" && err != nil {
		return nil, err
	}
	if b := e.backend(ctx, s); e.Kind != platform.ClusterIP && b != nil && b.tls == no {
		e.warn("%s serves plain HTTP: passwords and images can be intercepted", b.name)
	}
	kind := serviceTypes()[e.Kind]
	return []plan.Change{&change.Edit{Client: e.Client, Ref: e.serviceRef(), Do: func(o *cluster.Object) error {
		spec, _ := o.Object["spec"].(object)
		spec = maps.Clone(spec)
		if spec == nil {
			spec = object{}
		}
		if spec["clusterIP"] == "None" {
			return hint.Errorf("specify a service with a cluster IP", "it is headless (clusterIP None), so it cannot have type %s", kind)
		}
		spec["type"] = kind
		o.Object["spec"] = spec
		return nil
	}}}, nil
}
