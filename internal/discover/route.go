package discover

import (
	"context"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
)

func routeKind() cluster.GVK {
	return cluster.GVK{Group: "route.openshift.io", Version: "v1", Kind: "Route"}
}

func ingressKind() cluster.GVK {
	return cluster.GVK{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"}
}

// route is what is read of OpenShift's Route.
type route struct {
	Spec struct {
		Host string
		To   struct{ Name string }
		TLS  *struct{}
	}
	Status struct {
		Ingress []struct {
			Host       string
			Conditions []struct{ Type, Status string }
		}
	}
}

// host is by what the route is called: with port 80 where it has no TLS. A route that
// every router has refused has none; of one that none has looked at it is what was asked for.
func (r route) host() string {
	host := r.Spec.Host
	refused := func(i struct {
		Host       string
		Conditions []struct{ Type, Status string }
	}) bool {
		return slices.ContainsFunc(i.Conditions, func(c struct{ Type, Status string }) bool { return c.Type == "Admitted" && c.Status == "False" })
	}
	for _, i := range r.Status.Ingress {
		if refused(i) {
			host = ""
			continue
		}
		if i.Host != "" {
			host = i.Host
		}
		break
	}
	if host != "" && r.Spec.TLS == nil {
		host += ":80"
	}
	return host
}

// defaultRoute is the one that OpenShift 4's operator makes, else another beside it.
func defaultRoute(ctx context.Context, c *cluster.Client) (found, error) {
	return routeTo(ctx, in(c, "openshift-image-registry"), []string{"image-registry"}, "default-route")
}

// classicRoute is that of OpenShift 3's registry.
func classicRoute(ctx context.Context, c *cluster.Client) (found, error) {
	return routeTo(ctx, in(c, "default"), []string{"docker-registry"}, "docker-registry")
}

// ownRoute is that of a registry in the namespace.
func ownRoute(ctx context.Context, c *cluster.Client) (found, error) {
	services, err := services(ctx, c)
	if err != nil || len(services) == 0 {
		return found{}, err
	}
	return routeTo(ctx, c, services, "docker-registry")
}

// routeTo finds a route to one of the services, the one of the preferred name before others.
func routeTo(ctx context.Context, c *cluster.Client, services []string, preferred string) (found, error) {
	all, err := list(ctx, c, routeKind(), "")
	if err != nil {
		return found{}, err
	}
	slices.SortStableFunc(all, func(a, b cluster.Object) int {
		if (a.GetName() == preferred) != (b.GetName() == preferred) {
			if a.GetName() == preferred {
				return -1
			}
			return 1
		}
		return strings.Compare(a.GetName(), b.GetName())
	})
	for i := range all {
		r, err := cluster.Decode[route](&all[i])
		if err == nil && slices.Contains(services, r.Spec.To.Name) && r.host() != "" {
			return found{host: r.host(), reason: "route " + c.Namespace + "/" + all[i].GetName()}, nil
		}
	}
	return found{}, nil
}

// ingressObject is what is read of an Ingress.
type ingressObject struct {
	Spec struct {
		Rules []struct {
			Host string
			HTTP struct {
				Paths []struct {
					Backend struct{ Service struct{ Name string } }
				}
			}
		}
	}
}

// ingress is that of a registry in the namespace.
func ingress(ctx context.Context, c *cluster.Client) (found, error) {
	services, err := services(ctx, c)
	if err != nil || len(services) == 0 {
		return found{}, err
	}
	all, err := list(ctx, c, ingressKind(), "")
	if err != nil {
		return found{}, err
	}
	for i := range all {
		o, err := cluster.Decode[ingressObject](&all[i])
		if err != nil {
			continue
		}
		for _, r := range o.Spec.Rules {
			for _, p := range r.HTTP.Paths {
				if r.Host != "" && slices.Contains(services, p.Backend.Service.Name) {
					return found{host: r.Host, reason: "ingress " + c.Namespace + "/" + all[i].GetName()}, nil
				}
			}
		}
	}
	return found{}, nil
}
