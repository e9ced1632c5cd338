package envvars

import (
	"context"
	"fmt"
	"slices"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/workload"
	"github.com/spf13/cobra"
)

func (o *envOptions) newList(parent *cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list TYPE/NAME",
		Aliases: []string{"ls"},
		Short:   "List the environment variables of workloads",
		Long: `List the environment variables of workloads, in the format that "env set TYPE/NAME -"
reads. A reference to a secret or config map is a comment, or its value with --resolve.`,
		Example: `  regctl env list deployment/docker-registry
  regctl env list deployment/docker-registry -o json`,
		RunE: o.runList,
	}
	return pipeline.Sharing(parent, cmd, slices.Concat(pipeline.ClusterFlagNames(), pipeline.SelectionFlags(), cmdutil.OutputFlagNames(), []string{"resolve"})...)
}

// listedVars are the variables of one workload, as -o json prints them.
type listedVars struct {
	Workload   string                   `json:"workload"`
	Containers []workload.ContainerVars `json:"containers"`
}

func (o *envOptions) runList(cmd *cobra.Command, args []string) error {
	objects, client, err := o.Read(cmd, o.env, args)
	if err != nil {
		return err
	}
	all := make([]listedVars, len(objects))
	resolver := resolver{client: client, read: map[cluster.Ref]map[string]string{}}
	for i, w := range objects {
		containers, err := workload.Vars(w, o.Containers)
		if err != nil {
			return fmt.Errorf("%s: %w", cluster.RefOf(w), err)
		}
		if o.resolve {
			if err := resolver.resolve(cmd.Context(), w, containers); err != nil {
				return err
			}
		}
		all[i] = listedVars{pipeline.Headline(w), containers}
	}
	if o.Output.Data() {
		return o.Output.Print(o.env, all, nil)
	}
	for _, w := range all {
		printVars(o.env, w)
	}
	return nil
}

func printVars(e *cmdutil.Env, w listedVars) {
	for _, c := range w.Containers {
		if c.Container == "" {
			fmt.Fprintf(e.Out, "# %s\n", w.Workload)
		} else {
			fmt.Fprintf(e.Out, "# %s, container %s\n", w.Workload, c.Container)
		}
		for _, v := range c.Vars {
			fmt.Fprintln(e.Out, v.Line())
		}
		for _, from := range c.All {
			fmt.Fprintln(e.Out, from.AllLine())
		}
	}
}

// resolver reads each secret and config map once.
type resolver struct {
	client *cluster.Client
	read   map[cluster.Ref]map[string]string
}

// resolve puts values in the place of references to secrets and config maps.
func (r resolver) resolve(ctx context.Context, o *cluster.Object, containers []workload.ContainerVars) error {
	for _, c := range containers {
		for i, v := range c.Vars {
			if v.From == nil || v.From.Kind != "secret" && v.From.Kind != "configmap" {
				continue
			}
			ref, err := referenceTo(v.From.Kind+"/"+v.From.Name, o.GetNamespace())
			if err != nil {
				return err
			}
			data, err := r.data(ctx, ref)
			if err != nil {
				return fmt.Errorf("%s: %w", v.Name, err)
			}
			if value, ok := data[v.From.Key]; ok {
				c.Vars[i].Value, c.Vars[i].From = value, nil
			}
		}
	}
	return nil
}

func (r resolver) data(ctx context.Context, ref cluster.Ref) (map[string]string, error) {
	if data, done := r.read[ref]; done {
		return data, nil
	}
	o, err := r.client.Get(ctx, ref)
	if err != nil {
		return nil, err
	}
	if o != nil {
		r.read[ref] = workload.Data(o)
	}
	return r.read[ref], nil
}
