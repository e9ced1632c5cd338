// Package discover finds by which host clients are to call a cluster's registry.
package discover

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
)

// label is on every registry that regctl, or "oadm registry" before it, has deployed.
const label = "docker-registry"

// ErrNone is wrapped by the error of a cluster in which no registry was found.
var ErrNone = errors.New("no registry found in the cluster")

// Registry is a host ("host" or "host:port"), and how it was found.
type Registry struct {
	Host, Reason string
	// Own: it is one of the client's own namespace, so that whoever may edit that has made it,
	// and not the cluster's administrators. A token is not to be shown to it unasked.
	Own bool
}

// found is a host and how it was found; the zero value is nothing.
type found struct {
	host, reason string
	inside       bool // only machines of the cluster reach it
}

// Kind says which hosts of a registry are wanted.
type Kind int

// Any host is the best there is; a Public one is reachable from outside the cluster, an Internal one inside it only.
const (
	Any Kind = iota
	Public
	Internal
)

func (k Kind) takes(f found) bool {
	return f.host != "" && (k == Any || f.inside == (k == Internal))
}

// place is one of the places to look into.
type place struct {
	look func(ctx context.Context, c *cluster.Client) (found, error)
	own  bool
}

// Discover finds the host of the cluster's registry, and says where it was found. What
// the whole cluster uses comes before what a namespace has for itself, and what is reachable from outside before what
// is not. On OpenShift 4: the operator's route and image configuration; on OpenShift 3 and others: a Route or Ingress,
// the Service, an image stream. Places that the user may not look into are passed over.
func Discover(ctx context.Context, c *cluster.Client, kind Kind) (Registry, error) {
	places, err := places(c)
	if err != nil {
		return Registry{}, err
	}
	var gaps []string
	for _, p := range places {
		f, err := p.look(ctx, c)
		switch {
		case err != nil && (hint.CodeOf(err) != hint.Denied || ctx.Err() != nil):
			return Registry{}, err
		case err != nil:
			gaps = append(gaps, err.Error())
		case kind.takes(f):
			return Registry{f.host, f.reason, p.own}, nil
		}
	}
	if len(gaps) > 0 {
		return Registry{}, hint.NotAllowed(fmt.Errorf("%w; some objects could not be read: %s", ErrNone, gaps[0]), "specify it as HOST[:PORT]")
	}
	return Registry{}, hint.New(ErrNone, "regctl registry deploy, or specify it as HOST[:PORT]")
}

func places(c *cluster.Client) ([]place, error) {
	four, err := c.Has(imageConfig())
	if four {
		return []place{
			{look: defaultRoute}, {look: externalName}, {look: classicRoute}, {look: internalName}, {look: operatorService},
			{ownRoute, true}, {ownService, true}, {look: imageStream},
		}, err
	}
	return []place{{look: classicRoute}, {look: classicService}, {ownRoute, true}, {ingress, true}, {ownService, true}, {look: imageStream}}, err
}

// in is the client in another namespace.
func in(c *cluster.Client, namespace string) *cluster.Client {
	other := *c
	other.Namespace = namespace
	return &other
}

// list lists objects of a kind that the server may not know.
func list(ctx context.Context, c *cluster.Client, gvk cluster.GVK, selector string) ([]cluster.Object, error) {
	if known, err := c.Has(gvk); err != nil || !known {
		return nil, err
	}
	return c.List(ctx, gvk, selector)
}

// get reads an object of a kind that the server may not know; nil where there is none.
func get(ctx context.Context, c *cluster.Client, gvk cluster.GVK, namespace, name string) (*cluster.Object, error) {
	if known, err := c.Has(gvk); err != nil || !known {
		return nil, err
	}
	return c.Get(ctx, cluster.Ref{GVK: gvk, Namespace: namespace, Name: name})
}

// registryHost is the host of an image repository: 172.30.1.2:5000 of 172.30.1.2:5000/demo/app.
func registryHost(repository string) string {
	host, _, _ := strings.Cut(repository, "/")
	return host
}
