package volume

import (
	"context"
	"fmt"
	"slices"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/workload"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func (o *volumeOptions) newList(parent *cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list TYPE/NAME",
		Aliases: []string{"ls"},
		Short:   "List the volumes of workloads and their mount paths",
		Long: `List the volumes of workloads, their mount paths, and the state of their persistent
volume claims (PVCs).`,
		Example: `  regctl volume list deployment/docker-registry
  regctl volume list deployment/docker-registry -o json`,
		RunE: o.runList,
	}
	return pipeline.Sharing(parent, cmd, slices.Concat(pipeline.ClusterFlagNames(), pipeline.SelectionFlags(), cmdutil.OutputFlagNames(), []string{"name"})...)
}

// listedVolumes holds the volumes of one workload for -o json.
type listedVolumes struct {
	Workload string         `json:"workload"`
	Volumes  []listedVolume `json:"volumes"`

	several bool // number of containers; with several, the list names the container of each mount
}

type listedVolume struct {
	workload.VolumeInfo `json:",inline"`
	ClaimState          string `json:"claimState,omitempty"`
}

func (o *volumeOptions) runList(cmd *cobra.Command, args []string) error {
	objects, client, err := o.Read(cmd, o.env, args)
	if err != nil {
		return err
	}
	all := make([]listedVolumes, len(objects))
	for i, w := range objects {
		volumes, err := workload.Volumes(w, o.Containers)
		if err != nil {
			return fmt.Errorf("%s: %w", cluster.RefOf(w), err)
		}
		all[i] = listedVolumes{Workload: pipeline.Headline(w), Volumes: []listedVolume{}, several: workload.Containers(w) > 1}
		for _, v := range volumes {
			if o.name == "" || v.Name == o.name {
				state, err := claimState(cmd.Context(), client, w.GetNamespace(), v.Claim)
				if err != nil {
					return err
				}
				all[i].Volumes = append(all[i].Volumes, listedVolume{v, state})
			}
		}
	}
	if o.Output.Data() {
		return o.Output.Print(o.env, all, nil)
	}
	for _, w := range all {
		printVolumes(o.env, w)
	}
	return nil
}

// claimState reads the state of a PVC; "" if unknown.
func claimState(ctx context.Context, client *cluster.Client, namespace, claim string) (string, error) {
	if claim == "" || client.Offline() {
		return "", nil
	}
	o, err := client.Get(ctx, cluster.Ref{GVK: workload.ClaimGVK(), Namespace: namespace, Name: claim})
	if hint.CodeOf(err) == hint.Denied {
		return "", nil
	}
	return workload.ClaimState(o), err
}

func printVolumes(e *cmdutil.Env, w listedVolumes) {
	fmt.Fprintln(e.Out, w.Workload)
	for _, v := range w.Volumes {
		source := v.Source
		if v.ClaimState != "" {
			source += " (" + v.ClaimState + ")"
		}
		fmt.Fprintf(e.Out, "  %s as %s\n", source, v.Name)
		for _, m := range v.Mounts {
			fmt.Fprintf(e.Out, "    mounted at %s%s\n", m.Path, mountDetails(m, w.several))
		}
		if len(v.Mounts) == 0 {
			fmt.Fprintln(e.Out, "    not mounted")
		}
	}
}

func mountDetails(m workload.MountInfo, several bool) string {
	s := ""
	if m.SubPath != "" {
		s += " (its " + m.SubPath + ")"
	}
	if m.ReadOnly {
		s += ", read-only"
	}
	if several {
		s += " in container " + m.Container
	}
	return s
}
