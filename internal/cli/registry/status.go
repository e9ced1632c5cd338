package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/platforms"
	"github.com/regctl/regctl/internal/printable"
	"github.com/regctl/regctl/internal/survey"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newRegistryStatus(env *cmdutil.Env) *cobra.Command {
	var c pipeline.ClusterFlags
	var watch bool
	cmd := &cobra.Command{
		Use:   "status [NAME]",
		Short: "Say what a registry is like: pods, storage, certificate, ways in, and what is doubtful",
		Long: `Say what a registry in the cluster is like: its pods, image, storage, certificate, users,
services and ways in, and what is doubtful about it, with what to do.

It need not be of regctl's making: any Deployment, DaemonSet, StatefulSet or
DeploymentConfig of that name or with the label docker-registry is looked at. What you
may not read is left out, and said.

On OpenShift 4 it is the registry of the whole cluster (image-registry), unless the namespace
has one of the NAME that is given: also what its operator says, its routes, and when images
that nobody uses are deleted.

With --platform opensvc NAME is the path of a service, NAMESPACE/NAME, and om says what it is like.

--watch looks again every two seconds: on a terminal the page is drawn anew, else the lines
that have changed are printed.`,
		Example: `  regctl registry status
  regctl registry status -o json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: registryNames(env, &c),
	}
	c.Add(env, cmd)
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, "go on and show what changes, until interrupted")
	output := cmdutil.OutputFlag(cmd)
	kind, agent := pipeline.SiteFlag(cmd), pipeline.AgentFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		options := platforms.Options{
			Name: kind.Value, Agent: agent.Value, Client: sync.OnceValues(func() (*cluster.Client, error) { return c.Client(env) }),
			Now: env.Now, Warn: env.Warn,
		}
		look, err := looker(cmd.Context(), env, options, platform.Spec{Name: registryName(args), Namespace: c.Namespace})
		if err != nil {
			return err
		}
		if watch {
			return watchStatus(cmd.Context(), env, look, output)
		}
		s, err := look(cmd.Context())
		if err != nil {
			return err
		}
		return printStatus(env, s, output, env.Now())
	}
	return cmd
}

// statusReport is what is printed of one look.
type statusReport struct {
	value    any // for -o json and yaml
	table    func(now time.Time) [][]string
	warnings []survey.Warning
}

// looker finds out which registry is meant, and returns what looks at it.
func looker(ctx context.Context, e *cmdutil.Env, o platforms.Options, s platform.Spec) (func(context.Context) (*statusReport, error), error) {
	p, err := platforms.OpenMeant(ctx, o, s.Name)
	if err != nil {
		return nil, err
	}
	if statuser, able := p.Platform.(platform.Statuser); able {
		return func(ctx context.Context) (*statusReport, error) {
			return lookAtPlatforms(ctx, e, p.Client, statuser, s)
		}, nil
	}
	return func(ctx context.Context) (*statusReport, error) {
		s, err := survey.Look(ctx, p.Client, s.Name, e.Now())
		if err != nil {
			return nil, err
		}
		return &statusReport{value: s, warnings: s.Warnings, table: func(now time.Time) [][]string { return statusTable(s, now) }}, nil
	}, nil
}

// registryName is the registry that a command is about.
func registryName(args []string) string {
	if len(args) == 0 {
		return platform.DefaultName
	}
	return args[0]
}

// registryNames completes names of registries of the namespace.
func registryNames(e *cmdutil.Env, c *pipeline.ClusterFlags) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		client, err := c.Client(e)
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), 3*time.Second)
		defer cancel()
		list, err := survey.List(ctx, client)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for i := range list {
			names = append(names, survey.NameOf(&list[i]))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// watchStatus prints the status whenever it has changed. Nothing there is an error
// only at the first look: later it may come back.
func watchStatus(ctx context.Context, e *cmdutil.Env, look func(context.Context) (*statusReport, error), output *cmdutil.Output) error {
	last := ""
	for first := true; ; first = false {
		s, err := look(ctx)
		if err != nil && (first || hint.CodeOf(err) == hint.Denied) || ctx.Err() != nil {
			return unlessStopped(ctx, err)
		}
		page, err := statusPage(e, s, err, output)
		if err != nil {
			return err
		}
		if err := showChange(e, last, page, output); err != nil {
			return err
		}
		last = page
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return nil
		}
	}
}

// showChange draws a page anew on a terminal; elsewhere it prints the lines that were not there before.
func showChange(e *cmdutil.Env, last, page string, output *cmdutil.Output) error {
	if page == last {
		return nil
	}
	if _, tty := cmdutil.Terminal(e.Out); tty && !output.Data() {
		page = "\x1b[H\x1b[2J" + page
	} else if !output.Data() {
		page = newLines(last, page)
	} else if output.Value == "yaml" && last != "" {
		page = "---\n" + page
	}
	_, err := io.WriteString(e.Out, page)
	return err
}

func newLines(last, page string) string {
	old := strings.Split(last, "\n")
	var out strings.Builder
	for line := range strings.Lines(page) {
		if last == "" || !slices.Contains(old, strings.TrimSuffix(line, "\n")) {
			out.WriteString(line)
		}
	}
	return out.String()
}

// unlessStopped makes the end of what only an interrupt ends a good one.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // an interrupt is how it is meant to end
	}
	return err
}

// statusPage is what is shown of one look. Ages are left out where the page is not drawn
// anew: they would make each one differ.
func statusPage(e *cmdutil.Env, s *statusReport, failed error, output *cmdutil.Output) (string, error) {
	if failed != nil && output.Data() {
		return "", failed
	}
	if failed != nil {
		return fmt.Sprintf("error: %s\n", printable.Text(failed.Error())), nil
	}
	if output.Value == "json" { // one document a line, for a script to read as they come
		b, err := json.Marshal(s.value)
		return string(b) + "\n", err
	}
	var page bytes.Buffer
	to, now := *e, e.Now()
	if _, tty := cmdutil.Terminal(e.Out); !tty {
		now = time.Time{}
	}
	to.Out = &page
	err := printStatus(&to, s, output, now)
	return page.String(), err
}

func printStatus(e *cmdutil.Env, s *statusReport, output *cmdutil.Output, now time.Time) error {
	if err := output.Print(e, s.value, s.table(now)); err != nil || output.Data() {
		return err
	}
	for _, w := range s.warnings {
		fmt.Fprintf(e.Out, "\nwarning: %s\n", printable.Text(w.Text))
		if w.Advice != "" {
			fmt.Fprintf(e.Out, "hint: %s\n", w.Advice)
		}
	}
	return nil
}
