package platforms

import (
	"context"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/openshift4"
	"github.com/regctl/regctl/internal/survey"
	"github.com/regctl/regctl/pkg/hint"
)

// beside tells whether the namespace of an OpenShift 4 has a registry of a name beside the
// operator's: it is the one that is meant.
func (o Options) beside(ctx context.Context, name string) (bool, error) {
	client, err := o.Client()
	if err != nil || client.Offline() || client.Namespace == openshift4.Namespace {
		return false, err
	}
	if four, err := client.Has(openshift4.ConfigKind()); err != nil || !four {
		return false, err
	}
	for _, kind := range []string{"Deployment", "DaemonSet"} {
		found, err := client.Get(ctx, cluster.Ref{GVK: cluster.GVK{Group: "apps", Version: "v1", Kind: kind}, Namespace: client.Namespace, Name: name})
		if err != nil && hint.CodeOf(err) != hint.Denied {
			return false, err
		}
		if found != nil {
			return true, nil
		}
	}
	return false, nil
}

// OperatorsIsMeant tells whether a name means the registry of the cluster's operator: by the
// platform where it is named, else where the namespace has no registry of that name.
func OperatorsIsMeant(ctx context.Context, client *cluster.Client, named, name string) (bool, error) {
	if named != "" || client.Offline() || !openshift4.Is(name) {
		return named == platform.OpenShift4, nil
	}
	four, err := client.Has(openshift4.ConfigKind())
	if err != nil || !four {
		return false, err
	}
	if client.Namespace == openshift4.Namespace {
		return true, nil
	}
	there, err := survey.Has(ctx, client, name)
	if hint.CodeOf(err) == hint.Denied { // what may not be looked for there is not what is meant
		return true, nil
	}
	return err == nil && !there, err
}

// OpenMeant is Open for a registry that exists: the operator's, where that is meant, or else one
// that runs in pods, whatever the cluster is.
func OpenMeant(ctx context.Context, o Options, name string) (*Opened, error) {
	if o.Name == platform.OpenSVC {
		return Open(ctx, o)
	}
	client, err := o.Client()
	if err != nil {
		return nil, err
	}
	operators, err := OperatorsIsMeant(ctx, client, o.Name, name)
	if err != nil {
		return nil, err
	}
	o.Name = platform.Kubernetes
	if operators {
		o.Name = platform.OpenShift4
	}
	return Open(ctx, o)
}

// Meant is the registry that a command is about, and a client of its namespace: where the
// cluster's operator runs it, and the namespace has none of that name, it is the operator's.
func Meant(ctx context.Context, client *cluster.Client, name string) (*cluster.Client, string, error) {
	operators, err := OperatorsIsMeant(ctx, client, "", name)
	if err != nil || !operators {
		return client, name, err
	}
	in, name := OfOperator(client)
	return in, name, nil
}

// OfOperator is a client of the namespace of the operator's registry, and its name.
func OfOperator(client *cluster.Client) (in *cluster.Client, name string) {
	c := *client
	c.Namespace = openshift4.Namespace
	return &c, openshift4.Name
}
