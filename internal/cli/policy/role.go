package policy

import (
	"context"
	"errors"
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/policy"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// roleVerb is one of the commands that give a role or take it away, in the names of OpenShift's own.
type roleVerb struct {
	take    bool // remove-… from, not add-… to
	cluster bool // in the whole cluster, not in one namespace
	group   bool // groups, not users and service accounts
}

func newPolicyRoles(env *cmdutil.Env) []*cobra.Command {
	var all []*cobra.Command
	for _, v := range []roleVerb{
		{}, {group: true}, {cluster: true}, {cluster: true, group: true},
		{take: true}, {take: true, group: true}, {take: true, cluster: true}, {take: true, cluster: true, group: true},
	} {
		all = append(all, newPolicyRole(env, v))
	}
	return all
}

func newPolicyRole(env *cmdutil.Env, v roleVerb) *cobra.Command {
	b := &policy.Binding{Everywhere: v.cluster}
	cmd := &cobra.Command{
		Use: v.name() + " ROLE " + whom(v.group), Short: v.short(), Long: v.long(), Example: v.example(),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return hint.BadUsage(errors.New("a role is required"), cmd.CommandPath()+" edit "+whomWord(v.group))
			}
			return nil
		},
	}
	m := pipeline.AddMutation(env, cmd)
	subjectFlags(cmd, &b.Subjects, v.group)
	v.bindingFlags(cmd, b)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		b.Role = args[0]
		addSubjects(&b.Subjects, v.group, args[1:])
		client, err := m.Client(env)
		if err != nil {
			return err
		}
		if v.take {
			return removeRole(cmd.Context(), env, m, client, b)
		}
		return addRole(cmd.Context(), env, m, client, b)
	}
	return cmd
}

func addRole(ctx context.Context, env *cmdutil.Env, m *pipeline.Mutation, client *cluster.Client, b *policy.Binding) error {
	if err := b.Check(ctx, client); err != nil {
		return err
	}
	change, err := b.Add(ctx, client)
	if err != nil {
		return err
	}
	warnAll(env, b.Subjects.Strangers(ctx, client))
	if warning := b.Warning(client.Namespace); warning != "" {
		env.Warn("%s", warning)
	}
	return m.Run(ctx, env, client, []plan.Change{change})
}

func removeRole(ctx context.Context, env *cmdutil.Env, m *pipeline.Mutation, client *cluster.Client, b *policy.Binding) error {
	changes, strange, err := b.Remove(ctx, client)
	if err != nil {
		return err
	}
	if !client.Offline() {
		warnAll(env, strange)
	}
	return m.Run(ctx, env, client, changes)
}

// bindingFlags are --rolebinding-name and, where there are roles of a namespace, --role-namespace.
func (v roleVerb) bindingFlags(cmd *cobra.Command, b *policy.Binding) {
	f := cmd.Flags()
	f.StringVar(&b.Name, "rolebinding-name", "", "`name` of the binding (default: an existing binding of the role)")
	if !v.cluster {
		f.StringVar(&b.RoleNamespace, "role-namespace", "", "`namespace` of a Role (default: ROLE is a ClusterRole)")
	}
}

func (v roleVerb) name() string {
	role := "role"
	if v.cluster {
		role = "cluster-role"
	}
	return verbName(v.take, role, v.group)
}

// verbName is add-THING-to-user or remove-THING-from-group.
func verbName(take bool, thing string, group bool) string {
	who := "user"
	if group {
		who = "group"
	}
	if take {
		return "remove-" + thing + "-from-" + who
	}
	return "add-" + thing + "-to-" + who
}

func (v roleVerb) short() string {
	who, where := whomWords(v.group), "in a namespace"
	if v.cluster {
		where = "in the whole cluster"
	}
	if v.take {
		return fmt.Sprintf("Remove a role from %s %s", who, where)
	}
	return fmt.Sprintf("Add a role to %s %s", who, where)
}

func (v roleVerb) long() string {
	where, binding, roles := "in a namespace", "role binding", "ROLE is a ClusterRole, such as view, edit or admin; with --role-namespace a Role."
	if v.cluster {
		where, binding, roles = "in every namespace and for cluster-scoped objects", "cluster role binding", "ROLE is a ClusterRole, such as view or system:image-pruner."
	}
	if v.take {
		return fmt.Sprintf(`Remove a role from %s %s, that is, from every
%s of the role. A binding without subjects is deleted. Permissions of
groups or of other bindings are kept.`, whomWords(v.group), where, binding)
	}
	return fmt.Sprintf(`Add a role to %s %s, that is, to an existing
%s of the role, or a new one with the name ROLE, ROLE-0 and so on.

%s`, whomWords(v.group), where, binding, roles)
}

func (v roleVerb) example() string {
	line, n := "  regctl policy "+v.name()+" ", " -n web"
	if v.cluster {
		n = ""
	}
	switch {
	case v.group:
		return line + "view builders" + n
	case v.take && !v.cluster:
		return line + "edit alice -n web\n" + line + "registry-push -z builder --role-namespace web -n web"
	}
	return line + "view alice" + n + "\n" + line + "view -z registry -n web"
}
