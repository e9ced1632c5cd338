package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// collection holds the flags of "registry gc".
type collection struct {
	*pipeline.Site
	schedule  string
	suspend   bool
	revisions int
	younger   time.Duration
}

func newRegistryGC(env *cmdutil.Env) *cobra.Command {
	g := &collection{}
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Configure the OpenShift 4 image pruner",
		Long: `Configure the OpenShift 4 image pruner (ImagePruner), which deletes unused images on a
schedule, as "oc adm prune images" does. Settings without a flag are kept.
"regctl registry status" shows the current settings.

Other platforms have no pruner. Delete images with "regctl image delete", then run
the registry's garbage collection while nobody pushes.`,
		Example: `  regctl registry gc --schedule '0 0 * * *' --keep-tag-revisions 5
  regctl registry gc --suspend`,
		Args: cobra.NoArgs,
	}
	g.Site = pipeline.AddSite(env, cmd)
	f := cmd.Flags()
	f.StringVar(&g.schedule, "schedule", "", "cron `schedule`: minute hour day month weekday; empty is once a day")
	f.BoolVar(&g.suspend, "suspend", false, "suspend the pruner; --suspend=false resumes it")
	f.IntVar(&g.revisions, "keep-tag-revisions", 3, "`number` of revisions to keep for each tag")
	f.DurationVar(&g.younger, "keep-younger-than", time.Hour, "keep images younger than this `duration`")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return g.run(cmd.Context(), env, g.wanted(cmd)) }
	return cmd
}

// wanted returns the settings that the given flags describe.
func (g *collection) wanted(cmd *cobra.Command) (want platform.Pruning) {
	given := cmd.Flags().Changed
	if given("schedule") {
		want.Schedule = &g.schedule
	}
	if given("suspend") {
		want.Suspend = &g.suspend
	}
	if given("keep-tag-revisions") {
		want.KeepRevisions = &g.revisions
	}
	if given("keep-younger-than") {
		want.KeepYoungerThan = &g.younger
	}
	return want
}

func (g *collection) run(ctx context.Context, env *cmdutil.Env, want platform.Pruning) error {
	p, err := g.Open(ctx, env)
	if err != nil {
		return err
	}
	pruner, able := p.Platform.(platform.Pruner)
	if !able {
		return hint.BadUsage(fmt.Errorf("registry gc: %w: only OpenShift 4 has an image pruner", platform.ErrUnsupported),
			"regctl image delete HOST/REPOSITORY:TAG; then, while nobody pushes: registry garbage-collect CONFIG")
	}
	changes, err := pruner.Prune(ctx, want)
	if err != nil {
		return err
	}
	return g.Mutation.Run(ctx, env, p.Client, changes)
}
