package survey

import (
	"fmt"

	"github.com/regctl/regctl/internal/cluster"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// ingressServices are the services that an Ingress leads to.
func ingressServices(i *networkingv1.Ingress) (all []string) {
	if b := i.Spec.DefaultBackend; b != nil && b.Service != nil {
		all = append(all, b.Service.Name)
	}
	for _, r := range i.Spec.Rules {
		if r.HTTP == nil {
			continue
		}
		for _, p := range r.HTTP.Paths {
			if p.Backend.Service != nil {
				all = append(all, p.Backend.Service.Name)
			}
		}
	}
	return all
}

// route is what is read of OpenShift's Route and the Gateway API's TLSRoute.
type route struct {
	Spec struct {
		Host      string
		Hostnames []string
		To        struct{ Name string }
		TLS       *struct{ Termination string }
		Rules     []struct {
			BackendRefs []struct{ Name string } `json:"backendRefs"`
		}
	}
}

func routeServices(o *cluster.Object) (all []string) {
	r, err := cluster.Decode[route](o)
	if err != nil {
		return nil
	}
	all = append(all, r.Spec.To.Name)
	for _, rule := range r.Spec.Rules {
		for _, b := range rule.BackendRefs {
			all = append(all, b.Name)
		}
	}
	return all
}

// readExposure lists the exposures outside the cluster.
func (s *Status) readExposure(o Objects) {
	for _, svc := range o.Services {
		s.exposeService(svc)
	}
	for _, i := range o.Ingresses {
		for _, r := range i.Spec.Rules {
			s.expose("ingress.networking.k8s.io/"+i.Name, r.Host, ingressTermination(&i))
		}
	}
	for i := range o.Routes {
		r, err := cluster.Decode[route](&o.Routes[i])
		if err != nil {
			continue
		}
		name := cluster.RefOf(&o.Routes[i]).String()
		for _, host := range r.Spec.Hostnames {
			s.expose(name, host, "passthrough")
		}
		if r.Spec.Host != "" {
			termination := "none"
			if r.Spec.TLS != nil {
				termination = r.Spec.TLS.Termination
			}
			s.expose(name, r.Spec.Host, termination)
		}
	}
}

func (s *Status) exposeService(svc corev1.Service) {
	name := "service/" + svc.Name
	for _, in := range svc.Status.LoadBalancer.Ingress {
		for _, p := range svc.Spec.Ports {
			s.expose(name, hostPort(in.IP+in.Hostname, p.Port), "passthrough")
		}
	}
	for _, p := range svc.Spec.Ports {
		if p.NodePort != 0 {
			s.expose(name, fmt.Sprintf("NODE:%d", p.NodePort), "passthrough")
		}
	}
}

func (s *Status) expose(object, host, termination string) {
	s.Exposure = append(s.Exposure, Exposure{Object: object, Host: host, Termination: termination})
}

// ingressTermination says where TLS ends, as the annotations of the common controllers tell it.
func ingressTermination(i *networkingv1.Ingress) string {
	for _, key := range []string{"nginx.ingress.kubernetes.io/ssl-passthrough", "haproxy.org/ssl-passthrough", "haproxy-ingress.github.io/ssl-passthrough", "ingress.kubernetes.io/ssl-passthrough"} {
		if i.Annotations[key] == "true" {
			return "passthrough"
		}
	}
	switch {
	case len(i.Spec.TLS) == 0:
		return "none"
	case i.Annotations["nginx.ingress.kubernetes.io/backend-protocol"] == "HTTPS", i.Annotations["haproxy.org/server-ssl"] == "true":
		return "reencrypt"
	}
	return "edge"
}
