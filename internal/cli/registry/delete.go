package registry

import (
	"context"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/platforms"
	"github.com/regctl/regctl/internal/policy"
	"github.com/regctl/regctl/internal/survey"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

type deletion struct {
	*pipeline.Site
	claims, secrets bool
}

func newRegistryDelete(env *cmdutil.Env) *cobra.Command {
	d := &deletion{}
	cmd := &cobra.Command{
		Use:   "delete [NAME]",
		Short: "Delete a registry but keep its images and passwords",
		Long: `Delete a registry. The command lists what it deletes and asks for confirmation.
--yes confirms without a terminal. Objects that do not exist are not an error.

Deleted: the workload, services, exposure and service account.
Kept:    persistent volume claims (PVCs), which hold the images, and secrets, which
         hold passwords and the CA. "regctl registry deploy" uses them again.
         --delete-claims and --delete-secrets delete them.

OpenShift 4: "regctl registry delete image-registry" makes the operator remove the
cluster's registry. Your own registry is deleted by its name, as elsewhere.`,
		Example: `  regctl registry delete --dry-run=server
  regctl registry delete --yes
  regctl registry delete --yes --delete-claims --delete-secrets`,
		Args: cobra.MaximumNArgs(1),
	}
	d.Site = pipeline.AddSite(env, cmd)
	cmd.ValidArgsFunction = registryNames(env, &d.ClusterFlags)
	cmd.Flags().BoolVar(&d.claims, "delete-claims", false, "also delete the PVCs, and lose the images")
	cmd.Flags().BoolVar(&d.secrets, "delete-secrets", false, "also delete the secrets, and lose passwords and the CA")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return d.run(cmd, env, registryName(args)) }
	return cmd
}

func (d *deletion) run(cmd *cobra.Command, env *cmdutil.Env, name string) error {
	client, err := d.Client(env)
	if err != nil {
		return err
	}
	if operators, err := d.ofOperator(cmd.Context(), client, name); err != nil {
		return err
	} else if operators {
		return d.deleteOperators(cmd.Context(), env, name)
	}
	if client.Offline() {
		return hint.BadUsage(fmt.Errorf("%s: --dry-run=client cannot list the objects of a registry", name), "use --dry-run=server")
	}
	parts, err := survey.InventoryOf(cmd.Context(), client, name)
	if err != nil {
		return err
	}
	doomed, kept := d.choose(parts)
	if len(doomed) == 0 {
		env.Say("%s: nothing to delete in namespace %s%s", name, client.Namespace, listed("; kept: ", kept))
		return nil
	}
	rights, err := d.rights(cmd.Context(), env, client, doomed)
	if err != nil {
		return err
	}
	question := fmt.Sprintf("delete %s in namespace %s? %s%s", listed("", doomed), client.Namespace, stays(kept, parts.Place), d.loss(parts))
	if err := d.Confirm(env, question); err != nil {
		return err
	}
	changes := rights // before the service account that holds them
	for _, ref := range doomed {
		changes = append(changes, &change.Delete{Client: client, Ref: ref})
	}
	if err := d.Mutation.Run(cmd.Context(), env, client, changes); err != nil {
		return err
	}
	if !d.Dry() {
		d.tell(env, client.Namespace, kept, parts.Others)
	}
	return nil
}

// ofOperator tells whether the registry of the cluster's operator is meant: by its own name or by the platform.
func (d *deletion) ofOperator(ctx context.Context, client *cluster.Client, name string) (bool, error) {
	if d.Platform.Value == "" && name == platform.DefaultName {
		return false, nil
	}
	return platforms.OperatorsIsMeant(ctx, client, d.Platform.Value, name)
}

// deleteOperators leaves the deletion to the platform.
func (d *deletion) deleteOperators(ctx context.Context, env *cmdutil.Env, name string) error {
	options := d.Options(env)
	options.Name = platform.OpenShift4
	p, err := platforms.Open(ctx, options)
	if err != nil {
		return err
	}
	deleter, able := p.Platform.(platform.Deleter)
	if !able {
		return fmt.Errorf("registry delete: %w", platform.ErrUnsupported)
	}
	changes, err := deleter.Delete(ctx, name, d.claims || d.secrets)
	if err != nil {
		return err
	}
	return d.Mutation.Run(ctx, env, p.Client, changes)
}

// tell prints what is kept, and how to delete PVCs that regctl did not create.
func (d *deletion) tell(env *cmdutil.Env, namespace string, kept, others []cluster.Ref) {
	if len(kept) > 0 {
		env.Say("kept: %s", listed("", kept))
	}
	if !d.claims {
		return
	}
	for _, ref := range others {
		env.Say("%s was not created by regctl registry deploy and is kept; to delete it with its images: kubectl delete pvc %s -n %s", ref, ref.Name, namespace)
	}
}

// rights removes the role bindings of the deleted service accounts. Without that permission it prints the command for an admin.
func (d *deletion) rights(ctx context.Context, env *cmdutil.Env, client *cluster.Client, doomed []cluster.Ref) ([]plan.Change, error) {
	var accounts []string
	for _, ref := range doomed {
		if ref.GVK.Kind == "ServiceAccount" {
			accounts = append(accounts, ref.Name)
		}
	}
	changes, err := policy.RevokeRegistry(ctx, client, accounts)
	if hint.CodeOf(err) == hint.Denied {
		env.Warn("the role bindings of serviceaccount/%s are kept, and a new service account of that name gets its permissions; as an admin, run: regctl policy remove-cluster-role-from-user system:registry -z %[1]s -n %s", accounts[0], client.Namespace)
		return nil, nil
	}
	return changes, err
}

func (d *deletion) choose(p survey.Inventory) (doomed, kept []cluster.Ref) {
	doomed = append(doomed, p.Running...)
	for _, group := range []struct {
		refs []cluster.Ref
		too  bool
	}{{p.Secrets, d.secrets}, {p.Claims, d.claims}} {
		if group.too {
			doomed = append(doomed, group.refs...)
		} else {
			kept = append(kept, group.refs...)
		}
	}
	return doomed, append(kept, p.Others...)
}

// stays lists what is kept.
func stays(kept []cluster.Ref, place string) string {
	var all []string
	if len(kept) > 0 {
		all = append(all, listed("", kept))
	}
	if place != "" {
		all = append(all, "the images in "+place)
	}
	if len(all) == 0 {
		return "Nothing is kept."
	}
	return "Kept: " + strings.Join(all, ", ") + "."
}

// loss lists what cannot be restored.
func (d *deletion) loss(p survey.Inventory) string {
	var lost []string
	if p.Lost != "" {
		lost = append(lost, "the images in the pod ("+p.Lost+")")
	}
	if d.claims && len(p.Claims) > 0 {
		lost = append(lost, "the images on its PVCs")
	}
	if d.secrets && len(p.Secrets) > 0 {
		lost = append(lost, "its passwords and its CA")
	}
	if len(lost) == 0 {
		return ""
	}
	return " Lost: " + strings.Join(lost, "; ")
}

func listed(heading string, refs []cluster.Ref) string {
	if len(refs) == 0 {
		return ""
	}
	names := make([]string, len(refs))
	for i, r := range refs {
		names[i] = r.String()
	}
	return heading + strings.Join(names, ", ")
}
