package volume

import (
	"errors"

	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/workload"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func (o *volumeOptions) newRemove(parent *cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "remove TYPE/NAME --name VOLUME",
		Aliases: []string{"rm", "delete"},
		Short:   "Remove a volume and its mounts from workloads",
		Long: `Remove a volume and its mounts from workloads. With -c the volume is unmounted only in
that container, and stays while another container uses it. PVCs and secrets are kept.`,
		Example: `  regctl volume remove deployment/docker-registry --name=certs`,
		RunE:    o.runRemove,
	}
	return pipeline.Sharing(parent, cmd, append(append(pipeline.MutationFlags(), pipeline.SelectionFlags()...), "name", "confirm")...)
}

func (o *volumeOptions) runRemove(cmd *cobra.Command, args []string) error {
	if o.name == "" && !o.removeAll {
		return hint.BadUsage(errors.New("removing all volumes requires --confirm"), "add --name VOLUME to remove one volume")
	}
	client, err := o.Connect(o.env)
	if err != nil {
		return err
	}
	targets, err := o.Targets(o.env, client, args)
	if err != nil {
		return err
	}
	r := workload.Removal{Name: o.name, Containers: o.Containers, Storage: storageVolume()}
	e := pipeline.Editor{WorkloadCommand: &o.WorkloadCommand, Env: o.env, Client: client, Several: len(targets) > 1, Grows: false, Do: func(w *cluster.Object) (workload.Outcome, error) { return workload.RemoveVolume(w, r) }}
	changes, err := e.Changes(targets)
	if err != nil {
		return err
	}
	return o.Run(cmd.Context(), o.env, client, changes)
}
