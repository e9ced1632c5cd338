package cli

import (
	"context"
	"errors"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/policy"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newPolicyAddRole(env *Env) *cobra.Command {
	b := &policy.Binding{}
	cmd := &cobra.Command{
		Use:   "add-role-to-user ROLE (USER | -z SERVICE-ACCOUNT)...",
		Short: "Give a role to users or service accounts in a namespace",
		Long: `Give a role to users, groups or service accounts in a namespace: they are added to the
role binding that is there for it, else one is made, ROLE, ROLE-0 and so on.

ROLE is a ClusterRole, such as view, edit or admin; with --role-namespace a Role.`,
		Example: `  regctl policy add-role-to-user edit alice
  regctl policy add-role-to-user view -z registry -n web`,
		Args: roleAndUsers,
	}
	m := addMutation(env, cmd)
	bindingFlags(cmd, b)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		b.Role, b.Subjects.Users = args[0], args[1:]
		client, err := m.client(env)
		if err != nil {
			return err
		}
		if err := b.Check(cmd.Context(), client); err != nil {
			return err
		}
		change, err := b.Add(cmd.Context(), client)
		if err != nil {
			return err
		}
		warnMissing(cmd.Context(), env, client, b.Subjects.Accounts)
		return m.run(cmd.Context(), env, client, []plan.Change{change})
	}
	return cmd
}

func newPolicyRemoveRole(env *Env) *cobra.Command {
	b := &policy.Binding{}
	cmd := &cobra.Command{
		Use:   "remove-role-from-user ROLE (USER | -z SERVICE-ACCOUNT)...",
		Short: "Take a role from users or service accounts in a namespace",
		Long: `Take a role from users, groups or service accounts: out of every role binding of the
namespace that gives it. A binding with nobody left in it is deleted. What they have by a
group, or in the whole cluster, they keep.`,
		Example: `  regctl policy remove-role-from-user edit alice -n web
  regctl policy remove-role-from-user registry-push -z builder --role-namespace web -n web`,
		Args: roleAndUsers,
	}
	m := addMutation(env, cmd)
	bindingFlags(cmd, b)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		b.Role, b.Subjects.Users = args[0], args[1:]
		client, err := m.client(env)
		if err != nil {
			return err
		}
		changes, strange, err := b.Remove(cmd.Context(), client)
		if err != nil {
			return err
		}
		for _, what := range strange {
			if !client.Offline() {
				env.Warn("%s", what)
			}
		}
		return m.run(cmd.Context(), env, client, changes)
	}
	return cmd
}

func bindingFlags(cmd *cobra.Command, b *policy.Binding) {
	subjectFlags(cmd, &b.Subjects)
	f := cmd.Flags()
	f.StringVar(&b.Name, "rolebinding-name", "", "the role binding's `name`; by default one that is there for the role")
	f.StringVar(&b.RoleNamespace, "role-namespace", "", "the `namespace` of a Role; by default ROLE is a ClusterRole")
}

func roleAndUsers(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return hint.BadUsage(errors.New("you must specify a role"), cmd.CommandPath()+" edit USER")
	}
	return nil
}

// warnMissing warns of service accounts that are not there: they can be given roles beforehand, but often the name is wrong.
func warnMissing(ctx context.Context, env *Env, client *cluster.Client, accounts []string) {
	for _, name := range accounts {
		if o, err := client.Get(ctx, accountRef(client, name)); err == nil && o == nil && !client.Offline() {
			env.Warn("serviceaccount/%s is not there in namespace %s yet", name, client.Namespace)
		}
	}
}
