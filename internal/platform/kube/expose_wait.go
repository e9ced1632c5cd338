package kube

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/route"
	"github.com/regctl/regctl/pkg/hint"
)

// Address is where the registry can be reached: HOST or HOST:PORT. A load balancer's is
// waited for, for so long.
func (e *Expose) Address(ctx context.Context, patience time.Duration) (string, error) {
	switch e.Kind {
	case platform.ClusterIP:
		return "", nil
	case platform.NodePort, platform.LoadBalancer:
	default:
		return e.routeHost(ctx)
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	late := time.After(patience)
	for {
		s, err := e.service(ctx)
		if err != nil {
			return "", err
		}
		port, err := e.choosePort(s)
		if err != nil {
			port = s.ports[0]
		}
		if host := e.outside(ctx, s, port); host != "" {
			return host, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", ctx.Err()
		case <-late:
			return "", e.noAddress()
		}
	}
}

// routeHost is the host that was named, or else the one that a router has made up.
func (e *Expose) routeHost(ctx context.Context) (string, error) {
	routes, err := e.byRoute()
	if err != nil || !routes {
		return e.Host, err
	}
	w := &route.Way{Exposure: e.Exposure, Client: e.Client, Service: e.Service}
	o, err := w.Live(ctx)
	if err != nil {
		return "", err
	}
	return cmp.Or(route.Host(o), e.Host), nil
}

func (e *Expose) noAddress() error {
	return hint.Errorf(fmt.Sprintf("kubectl describe service %[1]s -n %[2]s; without load balancers: regctl expose svc/%[1]s -n %[2]s --type NodePort", e.Service, e.Client.Namespace),
		"service/%s has no external address: no load balancer has assigned one", e.Service)
}

// outside is the address of a Service, "" as long as it has none.
func (e *Expose) outside(ctx context.Context, s *service, p servicePort) string {
	if e.Kind == platform.LoadBalancer {
		all, _ := nested[list](s.o, "status", "loadBalancer", "ingress")
		for _, in := range all {
			in, _ := in.(object)
			for _, key := range []string{"hostname", "ip"} {
				if host, _ := in[key].(string); host != "" {
					return joinPort(host, p.number)
				}
			}
		}
		return ""
	}
	if p.nodePort == 0 {
		return ""
	}
	return joinPort(e.node(ctx), p.nodePort)
}

// anyNode stands for a node whose address is not known.
const anyNode = "NODE"

// node is the address of a node, NODE where it is not for this user to know.
func (e *Expose) node(ctx context.Context) string {
	if e.Host != "" {
		return e.Host
	}
	nodes, err := e.Client.List(ctx, cluster.CoreKind("Node"), "")
	if err != nil {
		return anyNode
	}
	for _, kind := range []string{"ExternalIP", "InternalIP"} {
		for i := range nodes {
			all, _ := nested[list](&nodes[i], "status", "addresses")
			for _, a := range all {
				a, _ := a.(object)
				if ip, _ := a["address"].(string); a["type"] == kind && ip != "" {
					return ip
				}
			}
		}
	}
	return anyNode
}

func joinPort(host string, port int64) string {
	return net.JoinHostPort(host, strconv.FormatInt(port, 10))
}

// secretValue is the content of a key, nil where it is absent or empty.
func secretValue(o *cluster.Object, key string) []byte {
	text, _ := nested[string](o, "data", key)
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) == 0 {
		return nil
	}
	return b
}
