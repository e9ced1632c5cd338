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

// collection is what "registry gc" is asked to do.
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
		Short: "Say when OpenShift 4 deletes images that nobody uses",
		Long: `Say when an OpenShift 4 deletes images that nobody uses, and which of them it keeps: its
ImagePruner does it, as "oc adm prune images" does, by the schedule given here. What is
not named stays as it is; "regctl registry status" says how it is.

Other registries have no such schedule. Images are deleted by "regctl image delete";
the room that they have taken is given back by the registry's own garbage collection,
which must not run while somebody pushes.`,
		Example: `  regctl registry gc --schedule '0 0 * * *' --keep-tag-revisions 5
  regctl registry gc --suspend`,
		Args: cobra.NoArgs,
	}
	g.Site = pipeline.AddSite(env, cmd)
	f := cmd.Flags()
	f.StringVar(&g.schedule, "schedule", "", "`when`, as cron writes it: minute, hour, day, month, day of the week; empty is once a day")
	f.BoolVar(&g.suspend, "suspend", false, "do not delete any more; --suspend=false goes on")
	f.IntVar(&g.revisions, "keep-tag-revisions", 3, "`number` of images that each tag has had and that are kept")
	f.DurationVar(&g.younger, "keep-younger-than", time.Hour, "keep what is younger")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return g.run(cmd.Context(), env, g.wanted(cmd)) }
	return cmd
}

// wanted is what the flags that were given say.
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
		return hint.BadUsage(fmt.Errorf("registry gc: %w: only OpenShift 4 deletes images by a schedule", platform.ErrUnsupported),
			"delete images by: regctl image delete HOST/REPOSITORY:TAG, and collect garbage while nobody pushes: registry garbage-collect CONFIG")
	}
	changes, err := pruner.Prune(ctx, want)
	if err != nil {
		return err
	}
	return g.Mutation.Run(ctx, env, p.Client, changes)
}
