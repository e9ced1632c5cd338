package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/openshift4"
	"github.com/regctl/regctl/pkg/hint"
)

// OpenShift4 is the registry that an OpenShift 4's operator runs, whether it was found or named.
func (s *Site) OpenShift4(env *cmdutil.Env, client *cluster.Client) (*openshift4.Platform, error) {
	if err := HasOperator(client); err != nil {
		return nil, err
	}
	own := s.kubernetes(env, client)
	own.OpenShift = 4
	return &openshift4.Platform{
		Client: client, Own: own, Named: s.Namespace != "", Wait: s.wait, Warn: env.Warn, Say: env.Say,
		Confirm: func(question string) error { return s.Confirm(env, question) },
	}, nil
}

// HasOperator wants a cluster whose registry is run by an operator; offline it is believed.
func HasOperator(client *cluster.Client) error {
	if client.Offline() {
		return nil
	}
	found, err := client.Has(openshift4.ConfigKind())
	if err == nil && !found {
		err = hint.BadUsage(errors.New("the cluster has no registry operator, which OpenShift 4 has"), "leave out --platform openshift4, and the flags whose help begins with openshift4, such as --state")
	}
	return err
}

// onlyOperator sees that what only OpenShift 4's operator has is for OpenShift 4.
func (s *Site) onlyOperator(spec platform.Spec) error {
	if spec.Operator == nil {
		return nil
	}
	if s.Platform.Value != "" && s.Platform.Value != platform.OpenShift4 {
		return hint.BadUsage(fmt.Errorf("--platform %s: settings of OpenShift 4's registry operator: %w", s.Platform.Value, platform.ErrUnsupported), "--platform openshift4, or leave out the flags that are OpenShift 4's")
	}
	s.Platform.Value = platform.OpenShift4
	return nil
}

// ownFirst chooses Kubernetes where nobody has named a platform and the namespace of an
// OpenShift 4 has a registry of that name: it is the one that is meant.
func (s *Site) ownFirst(ctx context.Context, env *cmdutil.Env, name string) error {
	if s.Platform.Value != "" {
		return nil
	}
	client, err := s.Client(env)
	if err != nil || client.Offline() || client.Namespace == openshift4.Namespace {
		return err
	}
	four, err := client.Has(openshift4.ConfigKind())
	if err != nil || !four {
		return err
	}
	for _, kind := range []string{"Deployment", "DaemonSet"} {
		o, err := client.Get(ctx, cluster.Ref{GVK: cluster.GVK{Group: "apps", Version: "v1", Kind: kind}, Namespace: client.Namespace, Name: name})
		if err != nil && hint.CodeOf(err) != hint.Denied {
			return err
		}
		if o != nil {
			s.Platform.Value = platform.Kubernetes
		}
	}
	return nil
}
