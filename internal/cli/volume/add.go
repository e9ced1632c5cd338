package volume

import (
	"cmp"
	"context"
	"errors"

	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/workload"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func (o *volumeOptions) newAdd(parent *cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add TYPE/NAME [flags]",
		Short: "Add or replace a volume of workloads",
		Long: `Add a volume to workloads and mount it, or replace a volume with --overwrite.

--claim-size first creates the persistent volume claim (PVC); an existing PVC is kept
unchanged. A registry stores its images in the volume registry-storage: --overwrite with
another name, a persistent source and no --mount-path replaces that volume, with a note.
Replacing persistent storage by ephemeral storage requires --yes.`,
		Example: `  regctl volume add deploy/docker-registry --name=registry-storage --claim-name=images --claim-size=20Gi --overwrite
  regctl volume add deployment/docker-registry --name=certs --secret-name=registry-certs -m /etc/secrets --read-only
  regctl volume add deployment/docker-registry --name=registry-storage --overwrite --source '{"nfs":{"server":"nas.example.com","path":"/images"}}'`,
		RunE: o.runAdd,
	}
	return pipeline.Sharing(parent, cmd, append(append(append(pipeline.MutationFlags(), pipeline.SelectionFlags()...), addFlags()...), "name")...)
}

func (o *volumeOptions) runAdd(cmd *cobra.Command, args []string) error {
	o.source.NewClaim = o.claim.Size != ""
	o.source.ClassGiven = cmd.Flags().Changed("claim-class")
	o.source.ClaimFlagsGiven = o.source.Claim != "" || o.source.NewClaim || o.source.ClassGiven
	if cmd.Flags().Changed("claim-mode") && !o.source.NewClaim {
		o.env.Warn("--claim-mode requires --claim-size")
	}
	client, err := o.Connect(o.env)
	if err != nil {
		return err
	}
	targets, err := o.Targets(o.env, client, args)
	if err != nil {
		return err
	}
	if o.source.NewClaim && o.source.Claim == "" {
		o.source.Claim = o.inventClaim(targets)
	}
	v, err := o.volume(cmd)
	if err != nil {
		return err
	}
	if v.Name == "" && v.Overwrite && len(targets) > 1 {
		return hint.BadUsage(errors.New("several workloads require --name"), "")
	}
	e := pipeline.Editor{WorkloadCommand: &o.WorkloadCommand, Env: o.env, Client: client, Several: len(targets) > 1, Grows: true, Do: func(w *cluster.Object) (workload.Outcome, error) { return o.addVolume(cmd.Context(), client, w, v) }}
	changes, err := e.Changes(targets)
	if err != nil {
		return err
	}
	return o.withClaim(cmd, client, cmp.Or(targets[0].Ref.Namespace, client.Namespace), v.Source, changes)
}

// inventClaim generates the name of a PVC, the same each time.
func (o *volumeOptions) inventClaim(targets []pipeline.Target) string {
	of := []any{o.name, o.mountPath}
	for _, t := range targets {
		of = append(of, t.Ref.String())
	}
	name := "pvc-" + workload.Digest(of...)[:5]
	o.env.Say("generated PVC name: %s", name)
	return name
}

// withClaim adds the PVC before the workloads that use it, in their namespace.
func (o *volumeOptions) withClaim(cmd *cobra.Command, client *cluster.Client, namespace string, source workload.Source, edits []plan.Change) error {
	ctx := cmd.Context()
	there, err := o.lookFor(ctx, client, namespace, source)
	if err != nil {
		return err
	}
	if !o.source.NewClaim {
		return o.Run(ctx, o.env, client, edits)
	}
	o.claim.Name, o.claim.Namespace = o.source.Claim, namespace
	if cmd.Flags().Changed("claim-class") {
		o.claim.Class = &o.class
	}
	claim, err := o.claim.Object()
	if err != nil {
		return hint.BadUsage(err, "")
	}
	if there != nil && !workload.SameSize(workload.ClaimSize(there), o.claim.Size) {
		o.env.Warn("pvc/%s exists with %s and is kept unchanged", o.claim.Name, workload.ClaimSize(there))
	}
	first := &change.Make{Client: client, Object: claim}
	err = o.Run(ctx, o.env, client, append([]plan.Change{first}, edits...))
	return o.keptClaim(ctx, client, there, err)
}

// lookFor reads the object that the source names, and warns if it does not exist: pods wait for it.
func (o *volumeOptions) lookFor(ctx context.Context, client *cluster.Client, namespace string, source workload.Source) (*cluster.Object, error) {
	ref, named := source.Object(namespace)
	if !named {
		return nil, nil
	}
	there, err := client.Get(ctx, ref)
	if hint.CodeOf(err) == hint.Denied && !o.source.NewClaim {
		return nil, nil // permission to edit workloads does not include reading secrets
	}
	if err == nil && there == nil && !o.source.NewClaim && !client.Offline() {
		o.env.Warn("%s does not exist in namespace %s; pods wait until it is created", ref, namespace)
	}
	return there, err
}

// keptClaim reports a new PVC if the workload could not be changed.
func (o *volumeOptions) keptClaim(ctx context.Context, client *cluster.Client, before *cluster.Object, err error) error {
	if err == nil || before != nil || o.Dry() {
		return err
	}
	ref := cluster.Ref{GVK: workload.ClaimGVK(), Namespace: o.claim.Namespace, Name: o.claim.Name}
	if made, _ := client.Get(context.WithoutCancel(ctx), ref); made != nil {
		o.env.Warn("pvc/%s was created and is kept for the next run; to delete it: kubectl delete pvc %s -n %s", o.claim.Name, o.claim.Name, o.claim.Namespace)
	}
	return err
}
