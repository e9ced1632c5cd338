package platform

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/plan"
)

// Kinds of Exposure.
const (
	Passthrough  = "passthrough"  // TLS ends at the registry
	Edge         = "edge"         // TLS ends at the router or ingress controller, which goes on without
	Reencrypt    = "reencrypt"    // TLS ends there, and it speaks TLS to the registry too
	NodePort     = "nodeport"     // a port of every node
	LoadBalancer = "loadbalancer" // an address of its own
	ClusterIP    = "clusterip"    // not at all, if it was by one of the last two
)

// What a Route does with requests without TLS.
const (
	InsecureNone     = "None"
	InsecureAllow    = "Allow"
	InsecureRedirect = "Redirect"
)

// Exposure is how the registry is reached from outside the cluster. What is empty has a default.
type Exposure struct {
	Host string `json:"host,omitempty"` // by which it is called; a Route gets one where none is named
	Kind string `json:"kind,omitempty"` // passthrough where none is named

	// of the object that is made for the first three kinds
	Name   string            `json:"name,omitempty"`   // the registry's where none is named
	Labels map[string]string `json:"labels,omitempty"` // beside the Service's
	Port   string            `json:"port,omitempty"`   // of the Service, by name or number
	Path   string            `json:"path,omitempty"`   // only requests below it

	Class      string `json:"class,omitempty"`      // IngressClass
	Controller string `json:"controller,omitempty"` // the ingress controller, where its class does not say it
	Gateway    string `json:"gateway,omitempty"`    // [NAMESPACE/]NAME[:LISTENER] of a Gateway that is to be used instead

	TLSSecret string `json:"tlsSecret,omitempty"` // with the certificate of edge and reencrypt
	CASecret  string `json:"caSecret,omitempty"`  // with the CA of the registry's certificate, for reencrypt

	InsecurePolicy string `json:"insecurePolicy,omitempty"` // of a Route: None, Allow or Redirect
	WildcardPolicy string `json:"wildcardPolicy,omitempty"` // of a Route: None or Subdomain

	// PEM: what the two secrets hold, where it is given
	Certificate, Key, Chain []byte `json:"-"`
	BackendCA               []byte `json:"-"`
}

// An Exposer is a Platform that makes registries reachable from outside.
type Exposer interface {
	// Expose finds the changes after which the Service of a name is exposed so.
	Expose(ctx context.Context, name string, e Exposure) ([]plan.Change, error)
	// Reach tells by which HOST or HOST:PORT it is reached then, and what to type next. It
	// waits at most so long for an address that others give; "" is one that is not known yet.
	Reach(ctx context.Context, name string, e Exposure, patience time.Duration) (address string, next []string, err error)
}

// OfService tells whether an exposure changes the Service itself, and needs nothing beside it.
func (e *Exposure) OfService() bool {
	return e.Kind == NodePort || e.Kind == LoadBalancer || e.Kind == ClusterIP
}

func (e *Exposure) check() error {
	if e == nil {
		return nil
	}
	for _, field := range []struct {
		name, value string
		values      []string
	}{
		{"kind", e.Kind, []string{Passthrough, Edge, Reencrypt, NodePort, LoadBalancer, ClusterIP}},
		{"insecurePolicy", e.InsecurePolicy, []string{InsecureNone, InsecureAllow, InsecureRedirect}},
		{"wildcardPolicy", e.WildcardPolicy, []string{"None", "Subdomain"}},
	} {
		if field.value != "" && !slices.Contains(field.values, field.value) {
			return fmt.Errorf("exposure: %s %q: must be one of %s", field.name, field.value, strings.Join(field.values, ", "))
		}
	}
	return nil
}
