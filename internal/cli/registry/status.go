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
		Short: "Show a registry's status: pods, storage, certificate, exposure and warnings",
		Long: `Show the status of a registry in the cluster: its pods, image, storage, certificate,
users, services and exposure, and warnings with their remedies. Parts that you lack
permission to read are omitted, with a note.

The registry can have any origin: a Deployment, DaemonSet, StatefulSet or
DeploymentConfig with that name or the label docker-registry.

  OpenShift 4  the cluster's registry (image-registry), with its operator, routes and
               image pruner, unless the namespace has a registry called NAME
  OpenSVC      NAME is the path of a service, NAMESPACE/NAME; om reports its status

--watch reads the status every two seconds. It redraws the page on a terminal, and
prints the changed lines elsewhere.`,
		Example: `  regctl registry status
  regctl registry status -o json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: registryNames(env, &c),
	}
	c.Add(env, cmd)
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, "watch for changes")
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

// statusReport is the output for one state of a registry.
type statusReport struct {
	value    any // for -o json and yaml
	table    func(now time.Time) [][]string
	warnings []survey.Warning
}

// looker finds the registry, and returns the function that reads its status.
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

// registryName returns the name of the registry, or the default.
func registryName(args []string) string {
	if len(args) == 0 {
		return platform.DefaultName
	}
	return args[0]
}

// registryNames completes the names of registries in the namespace.
func registryNames(e *cmdutil.Env, c *pipeline.ClusterFlags) cobra.CompletionFunc {
	return c.Complete(e, func(ctx context.Context, client *cluster.Client, args []string, _ string) (names []string) {
		if len(args) > 0 {
			return nil
		}
		list, err := survey.List(ctx, client)
		if err != nil {
			return nil
		}
		for i := range list {
			names = append(names, survey.NameOf(&list[i]))
		}
		return names
	})
}

// watchStatus prints the status whenever it changes. A registry that does not exist is an error
// only at the start: later it can be created again.
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

// showChange redraws the page on a terminal; elsewhere it prints the changed lines.
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

// unlessStopped returns nil for an interrupt, which is the only way to end --watch.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // an interrupt is how it is meant to end
	}
	return err
}

// statusPage is the text for one state. Without a terminal it omits ages,
// which differ each time.
func statusPage(e *cmdutil.Env, s *statusReport, failed error, output *cmdutil.Output) (string, error) {
	if failed != nil && output.Data() {
		return "", failed
	}
	if failed != nil {
		return fmt.Sprintf("error: %s\n", printable.Text(failed.Error())), nil
	}
	if output.Value == "json" { // one document per line, for scripts
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
			fmt.Fprintf(e.Out, "hint: %s\n", e.Runnable(printable.Text(w.Advice)))
		}
	}
	return nil
}
