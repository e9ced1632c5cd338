package pipeline

import (
	"context"
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

// Site is a mutation of a registry on whatever kind of platform.
type Site struct {
	*Mutation
	Platform *cmdutil.Enum
	Agent    *cmdutil.Enum // generation of OpenSVC's agent; nil: as it says
	Recipe   bool          // the command line is one of the old documentation

	place, at string // the platform and the namespace, once it is open
}

func AddSite(env *cmdutil.Env, cmd *cobra.Command) *Site {
	s := &Site{Mutation: AddMutation(env, cmd)}
	s.Platform = SiteFlag(cmd)
	return s
}

func SiteFlag(cmd *cobra.Command) *cmdutil.Enum {
	return cmdutil.EnumFlag(cmd, "platform", "", "", "where the registry is; by default what the cluster says that it is", platform.Platforms()...)
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

// OpenFor is open for a Spec: what only one platform has names that platform.
func (s *Site) OpenFor(ctx context.Context, env *cmdutil.Env, spec platform.Spec) (platform.Platform, *cluster.Client, error) {
	if spec.Service != nil {
		if s.Platform.Value != "" && s.Platform.Value != platform.OpenSVC {
			return nil, nil, hint.BadUsage(fmt.Errorf("--platform %s: services, their sizes and nodes: %w", s.Platform.Value, platform.ErrUnsupported), "--platform opensvc, or leave out --service, --size, --pool, --orchestrate, --nodes and --cluster-name")
		}
		s.Platform.Value = platform.OpenSVC
	}
	if err := s.onlyOperator(spec); err != nil {
		return nil, nil, err
	}
	if err := s.ownFirst(ctx, env, spec.Name); err != nil {
		return nil, nil, err
	}
	return s.Open(ctx, env)
}

// Open connects to what the flags name. The client is nil where the platform is no cluster.
func (s *Site) Open(ctx context.Context, env *cmdutil.Env) (platform.Platform, *cluster.Client, error) {
	if s.Platform.Value == platform.OpenSVC {
		s.place = platform.OpenSVC
		return s.openSVC(ctx, env), nil, nil
	}
	client, err := s.Client(env)
	if err != nil {
		return nil, nil, err
	}
	kind, err := platformKind(s.Platform.Value, client)
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
		p, err := s.OpenShift4(env, client)
		return p, client, err
	}
	return nil, nil, hint.BadUsage(fmt.Errorf("--platform %s: %w", kind, platform.ErrUnsupported), "--platform kubernetes")
}

func (s *Site) kubernetes(env *cmdutil.Env, client *cluster.Client) *kube.Platform {
	return &kube.Platform{
		Client: client, Image: images.SelfName(cmdutil.BuildVersion().Version), Force: s.Force, Rand: env.Rand, Now: env.Now, Warn: env.Warn, Say: env.Say,
		Confirm: func(question string) error { return s.Confirm(env, question) },
	}
}
