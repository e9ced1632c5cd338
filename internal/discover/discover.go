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

// found is a host ("host" or "host:port") and how it was found; the zero value is nothing.
type found struct{ host, reason string }

// place is one of the places to look into.
type place func(ctx context.Context, c *cluster.Client) (found, error)

// Discover finds the host of the cluster's registry, and says where it was found. It looks
// for what is reachable from outside first. On OpenShift 4: the operator's route and image
// configuration; on OpenShift 3 and others: a Route or Ingress, the Service, an image stream.
// Places that the user may not look into are passed over.
func Discover(ctx context.Context, c *cluster.Client) (host, reason string, err error) {
	four, err := c.Has(imageConfig())
	if err != nil {
		return "", "", err
	}
	places := []place{classicRoute, ownRoute, ingress, classicService, ownService, imageStream}
	if four {
		places = []place{defaultRoute, externalName, ownRoute, classicRoute, internalName, operatorService, ownService, imageStream}
	}
	var gaps []string
	for _, look := range places {
		f, err := look(ctx, c)
		switch {
		case err != nil && (hint.CodeOf(err) != hint.Denied || ctx.Err() != nil):
			return "", "", err
		case err != nil:
			gaps = append(gaps, err.Error())
		case f.host != "":
			return f.host, f.reason, nil
		}
	}
	if len(gaps) > 0 {
		return "", "", hint.NotAllowed(fmt.Errorf("%w; not all could be looked at: %s", ErrNone, gaps[0]), "name it: HOST[:PORT]")
	}
	return "", "", hint.New(ErrNone, "regctl registry deploy, or name it: HOST[:PORT]")
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

// hostOf is the host of an image repository: 172.30.1.2:5000 of 172.30.1.2:5000/demo/app.
func hostOf(repository string) string {
	host, _, _ := strings.Cut(repository, "/")
	return host
}
