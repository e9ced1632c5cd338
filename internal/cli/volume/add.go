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
		Short: "Add a volume to workloads, or replace one",
		Long: `Add a volume to workloads and mount it, or replace one with --overwrite.

With --claim-size the claim is made first; one that is there stays as it is. The
volume of a registry that holds its images is called registry-storage: --overwrite
with another name, a persistent source and no --mount-path replaces that one, and
says so. Persistent storage becomes ephemeral only with --yes.`,
		Example: `  regctl volume add deployment/docker-registry --name=registry-storage --claim-name=images --claim-size=20Gi --overwrite
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
		o.env.Warn("--claim-mode is for a claim that is made: without --claim-size it changes nothing")
	}
	client, err := o.Connect(o.env)
	if err != nil {
		return err
	}
	targets, err := o.Targets(cmd.Context(), o.env, client, args)
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
		return hint.BadUsage(errors.New("you must specify --name for the volume name when dealing with multiple resources"), "")
	}
	e := pipeline.Editor{WorkloadCommand: &o.WorkloadCommand, Env: o.env, Client: client, Several: len(targets) > 1, Grows: true, Do: func(w *cluster.Object) (workload.Outcome, error) { return o.addVolume(cmd.Context(), client, w, v) }}
	changes, err := e.Changes(targets)
	if err != nil {
		return err
	}
	return o.withClaim(cmd, client, cmp.Or(targets[0].Ref.Namespace, client.Namespace), v.Source, changes)
}

// inventClaim makes up the name of a claim, the same one each time.
func (o *volumeOptions) inventClaim(targets []pipeline.Target) string {
	of := []any{o.name, o.mountPath}
	for _, t := range targets {
		of = append(of, t.Ref.String())
	}
	name := "pvc-" + workload.Digest(of...)[:5]
	o.env.Say("Generated claim name: %s", name)
	return name
}

// withClaim puts the claim before the workloads that use it, in their namespace.
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
		o.env.Warn("claim %s is there already with %s and stays as it is", o.claim.Name, workload.ClaimSize(there))
	}
	first := &change.Make{Client: client, Object: claim}
	err = o.Run(ctx, o.env, client, append([]plan.Change{first}, edits...))
	return o.keptClaim(ctx, client, there, err)
}

// lookFor reads what the source names, and warns where it is missing: its pods would wait for it.
func (o *volumeOptions) lookFor(ctx context.Context, client *cluster.Client, namespace string, source workload.Source) (*cluster.Object, error) {
	ref, named := source.Object(namespace)
	if !named {
		return nil, nil
	}
	there, err := client.Get(ctx, ref)
	if hint.CodeOf(err) == hint.Denied && !o.source.NewClaim {
		return nil, nil // who may edit workloads need not be allowed to read secrets
	}
	if err == nil && there == nil && !o.source.NewClaim && !client.Offline() {
		o.env.Warn("%s does not exist in namespace %s; pods wait until it does", ref, namespace)
	}
	return there, err
}

// keptClaim says that a claim was made, though the workload could not be changed.
func (o *volumeOptions) keptClaim(ctx context.Context, client *cluster.Client, before *cluster.Object, err error) error {
	if err == nil || before != nil || o.Dry() {
		return err
	}
	ref := cluster.Ref{GVK: workload.ClaimGVK(), Namespace: o.claim.Namespace, Name: o.claim.Name}
	if made, _ := client.Get(context.WithoutCancel(ctx), ref); made != nil {
		o.env.Warn("claim %s was made and is kept: a second run uses it, kubectl delete pvc %s -n %s removes it", o.claim.Name, o.claim.Name, o.claim.Namespace)
	}
	return err
}
