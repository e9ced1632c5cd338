package pipeline

import (
	"context"
	"sync"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/platforms"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

// Site is a mutation of a registry on any platform.
type Site struct {
	*Mutation
	Platform *cmdutil.Enum
	Agent    *cmdutil.Enum // generation of OpenSVC's agent; nil: as it says
	Recipe   bool          // the command line is one of the old documentation
}

// AddSite adds the flags of a Site.
func AddSite(env *cmdutil.Env, cmd *cobra.Command) *Site {
	s := &Site{Mutation: AddMutation(env, cmd)}
	s.Platform = SiteFlag(cmd)
	return s
}

// SiteFlag adds the flag that names the platform.
func SiteFlag(cmd *cobra.Command) *cmdutil.Enum {
	return cmdutil.EnumFlag(cmd, "platform", "", "", "target platform (default: detected)", platform.Platforms()...)
}

// Options are what the flags say of a platform.
func (s *Site) Options(env *cmdutil.Env) platforms.Options {
	o := platforms.Options{
		Name: s.Platform.Value, Named: s.Namespace != "", Offline: s.DryRun.Value == string(plan.Client), Force: s.Force, Wait: s.wait, Timeout: s.timeout,
		Client: sync.OnceValues(func() (*cluster.Client, error) { return s.Client(env) }),
		Image:  images.SelfName(cmdutil.BuildVersion().Version), Rand: env.Rand, Now: env.Now, Warn: env.Warn, Say: env.Say,
		Confirm: func(question string) error { return s.Confirm(env, question) },
	}
	if s.Agent != nil {
		o.Agent = s.Agent.Value
	}
	return o
}

// OpenFor is Open for a Spec: what only one platform has names that platform.
func (s *Site) OpenFor(ctx context.Context, env *cmdutil.Env, spec platform.Spec) (*platforms.Opened, error) {
	return platforms.OpenFor(ctx, s.Options(env), spec)
}

// Open connects to what the flags name.
func (s *Site) Open(ctx context.Context, env *cmdutil.Env) (*platforms.Opened, error) {
	return platforms.Open(ctx, s.Options(env))
}
