package discover

import (
	"context"
	"net"
	"slices"
	"strconv"

	"github.com/regctl/regctl/internal/cluster"
)

// inside is a host that only machines of the cluster reach.
func inside(host, reason string) found {
	return found{host: host, reason: reason + ", which is reachable only inside the cluster", inside: true}
}

func imageConfig() cluster.GVK {
	return cluster.GVK{Group: "config.openshift.io", Version: "v1", Kind: "Image"}
}

// Streams is the kind of OpenShift's image streams.
func Streams() cluster.GVK {
	return cluster.GVK{Group: "image.openshift.io", Version: "v1", Kind: "ImageStream"}
}

// service is what is read of a Service.
type service struct {
	Metadata struct{ Name, Namespace string }
	Spec     struct {
		ClusterIP string
		Ports     []struct{ Port int }
	}
	Status struct {
		LoadBalancer struct {
			Ingress []struct{ IP, Hostname string }
		}
	}
}

// services are the names of the registries' services in the namespace, sorted.
func services(ctx context.Context, c *cluster.Client) (names []string, err error) {
	all, err := c.List(ctx, cluster.CoreKind("Service"), label)
	for i := range all {
		names = append(names, all[i].GetName())
	}
	slices.Sort(names)
	return names, err
}

// classicService is that of OpenShift 3's registry. Nodes and masters call it by its address.
func classicService(ctx context.Context, c *cluster.Client) (found, error) {
	return serviceAt(ctx, c, "default", "docker-registry", true)
}

func operatorService(ctx context.Context, c *cluster.Client) (found, error) {
	return serviceAt(ctx, c, "openshift-image-registry", "image-registry", false)
}

func ownService(ctx context.Context, c *cluster.Client) (found, error) {
	names, err := services(ctx, c)
	if err != nil || len(names) == 0 {
		return found{}, err
	}
	name := names[0]
	if slices.Contains(names, "docker-registry") {
		name = "docker-registry"
	}
	return serviceAt(ctx, c, c.Namespace, name, false)
}

func serviceAt(ctx context.Context, c *cluster.Client, namespace, name string, byAddress bool) (found, error) {
	o, err := c.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("Service"), Namespace: namespace, Name: name})
	if err != nil || o == nil {
		return found{}, err
	}
	s, err := cluster.Decode[service](o)
	if err != nil || len(s.Spec.Ports) == 0 {
		return found{}, nil //nolint:nilerr // what is no Service has no host
	}
	port, reason := strconv.Itoa(s.Spec.Ports[0].Port), "service "+namespace+"/"+name
	for _, outside := range s.Status.LoadBalancer.Ingress {
		if host := outside.Hostname + outside.IP; host != "" {
			return found{host: net.JoinHostPort(host, port), reason: reason}, nil
		}
	}
	if byAddress && net.ParseIP(s.Spec.ClusterIP) != nil {
		return inside(net.JoinHostPort(s.Spec.ClusterIP, port), reason), nil
	}
	return inside(net.JoinHostPort(name+"."+namespace+".svc", port), reason), nil
}

// imageConfigStatus is what OpenShift 4 says of its registry.
type imageConfigStatus struct {
	Status struct {
		Internal string   `json:"internalRegistryHostname"`
		External []string `json:"externalRegistryHostnames"`
	}
}

const imageConfigName = "image.config.openshift.io/cluster"

func externalName(ctx context.Context, c *cluster.Client) (found, error) {
	s, err := readImageConfig(ctx, c)
	if err != nil || len(s.Status.External) == 0 {
		return found{}, err
	}
	return found{host: s.Status.External[0], reason: imageConfigName}, nil
}

func internalName(ctx context.Context, c *cluster.Client) (found, error) {
	s, err := readImageConfig(ctx, c)
	if err != nil || s.Status.Internal == "" {
		return found{}, err
	}
	return inside(s.Status.Internal, imageConfigName), nil
}

func readImageConfig(ctx context.Context, c *cluster.Client) (*imageConfigStatus, error) {
	o, err := get(ctx, c, imageConfig(), "", "cluster")
	if err != nil || o == nil {
		return &imageConfigStatus{}, err
	}
	return cluster.Decode[imageConfigStatus](o)
}

// stream is what is read of an ImageStream.
type stream struct {
	Status struct {
		Public string `json:"publicDockerImageRepository"`
		Inner  string `json:"dockerImageRepository"`
	}
}

// imageStream is what the first image stream of the namespace, else of the project
// openshift, which everybody may read, says of its registry.
func imageStream(ctx context.Context, c *cluster.Client) (found, error) {
	var gap error
	for _, namespace := range []string{c.Namespace, "openshift"} {
		all, err := list(ctx, in(c, namespace), Streams(), "")
		if err != nil {
			gap = err
			continue
		}
		for i := range all {
			s, err := cluster.Decode[stream](&all[i])
			if err != nil {
				continue
			}
			reason := "image stream " + namespace + "/" + all[i].GetName()
			if s.Status.Public != "" {
				return found{host: registryHost(s.Status.Public), reason: reason}, nil
			}
			if s.Status.Inner != "" {
				return inside(registryHost(s.Status.Inner), reason), nil
			}
		}
	}
	return found{}, gap
}
