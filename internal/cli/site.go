package cli

import (
	"context"
	"fmt"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

// site is a mutation of a registry on whatever kind of platform.
type site struct {
	*mutation
	kind   *enum
	agent  *enum // generation of OpenSVC's agent; nil: as it says
	recipe bool  // the command line is one of the old documentation

	place, at string // the platform and the namespace, once it is open
}

func addSite(env *Env, cmd *cobra.Command) *site {
	s := &site{mutation: addMutation(env, cmd)}
	s.kind = siteFlag(cmd)
	return s
}

func siteFlag(cmd *cobra.Command) *enum {
	return enumFlag(cmd, "platform", "", "", "where the registry is; by default what the cluster says that it is", platform.Platforms()...)
}

// platformKind is the platform that is named, or else what the cluster says that it is.
func platformKind(named string, client *cluster.Client) (string, error) {
	if named != "" || client.Offline() {
		if named == "" {
			named = platform.Kubernetes
		}
		return named, nil
	}
	return platform.Detect(func(group, kind string) (bool, error) {
		_, served, err := client.Served(group, kind)
		return served, err
	})
}

// openFor is open for a Spec: what only one platform has names that platform.
func (s *site) openFor(ctx context.Context, env *Env, spec platform.Spec) (platform.Platform, *cluster.Client, error) {
	if spec.Service != nil {
		if s.kind.value != "" && s.kind.value != platform.OpenSVC {
			return nil, nil, hint.BadUsage(fmt.Errorf("--platform %s: services, their sizes and nodes: %w", s.kind.value, platform.ErrUnsupported), "--platform opensvc, or leave out --service, --size, --pool, --orchestrate, --nodes and --cluster-name")
		}
		s.kind.value = platform.OpenSVC
	}
	if err := s.onlyOperator(spec); err != nil {
		return nil, nil, err
	}
	if err := s.ownFirst(ctx, env, spec.Name); err != nil {
		return nil, nil, err
	}
	return s.open(ctx, env)
}

// open connects to what the flags name. The client is nil where the platform is no cluster.
func (s *site) open(ctx context.Context, env *Env) (platform.Platform, *cluster.Client, error) {
	if s.kind.value == platform.OpenSVC {
		s.place = platform.OpenSVC
		return s.openSVC(ctx, env), nil, nil
	}
	client, err := s.client(env)
	if err != nil {
		return nil, nil, err
	}
	kind, err := platformKind(s.kind.value, client)
	if err != nil {
		return nil, nil, err
	}
	s.place, s.at = kind, client.Namespace
	switch kind {
	case platform.Kubernetes:
		return s.kubernetes(env, client), client, nil
	case platform.OpenShift3:
		p, err := s.openShift3(env, client)
		return p, client, err
	case platform.OpenShift4:
		p, err := s.openShift4(env, client)
		return p, client, err
	}
	return nil, nil, hint.BadUsage(fmt.Errorf("--platform %s: %w", kind, platform.ErrUnsupported), "--platform kubernetes")
}

func (s *site) kubernetes(env *Env, client *cluster.Client) *kube.Platform {
	return &kube.Platform{
		Client: client, Image: images.SelfName(BuildVersion().Version), Force: s.force, Rand: env.Rand, Now: env.Now, Warn: env.Warn, Say: env.Say,
		Confirm: func(question string) error { return s.confirm(env, question) },
	}
}
