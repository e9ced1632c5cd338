package policy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/policy"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newPolicySCCs(env *cmdutil.Env) []*cobra.Command {
	return []*cobra.Command{
		newPolicySCC(env, false, false), newPolicySCC(env, false, true), newPolicySCC(env, true, false), newPolicySCC(env, true, true),
	}
}

func newPolicySCC(env *cmdutil.Env, take, group bool) *cobra.Command {
	scc := &policy.SCC{}
	name := verbName(take, "scc", group)
	cmd := &cobra.Command{
		Use: name + " SCC " + whom(group), Short: "Add a security context constraint (SCC) to users or service accounts", Long: sccHelp(take),
		Example: "  regctl policy " + name + " privileged -z registry -n default",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return hint.BadUsage(errors.New("a security context constraint (SCC) is required"), cmd.CommandPath()+" privileged "+whomWord(group))
			}
			return nil
		},
	}
	if take {
		cmd.Short = "Remove a security context constraint (SCC) from users or service accounts"
	}
	if group {
		cmd.Example = "  regctl policy " + name + " anyuid builders\n  regctl policy " + name + " anyuid system:serviceaccounts:web -n web"
	}
	m := pipeline.AddMutation(env, cmd)
	subjectFlags(cmd, &scc.Subjects, group)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		scc.Name, scc.Everywhere = args[0], m.Namespace == ""
		addSubjects(&scc.Subjects, group, args[1:])
		client, err := m.Client(env)
		if err != nil {
			return err
		}
		if err := needSCC(client, scc.Name); err != nil {
			return err
		}
		if take {
			return removeSCC(cmd.Context(), env, m, client, scc)
		}
		return addSCC(cmd.Context(), env, m, client, scc)
	}
	return cmd
}

func sccHelp(take bool) string {
	if take {
		return `Remove a security context constraint (SCC) from users, service accounts or groups: from
the bindings of clusterrole/system:openshift:scc:SCC and from the lists of the SCC.

For users and groups -n limits this to one namespace; service accounts lose both.
Permissions of other roles or groups are kept.`
	}
	return `Add a security context constraint (SCC) to users, service accounts or groups, so that
their pods can use it. hostPath storage requires the SCC privileged.

  OpenShift 3.11 and later  binds clusterrole/system:openshift:scc:SCC, in the namespace
                            of -n, else in all
  OpenShift before 3.11     adds them to the lists of the SCC, for all namespaces`
}

func addSCC(ctx context.Context, env *cmdutil.Env, m *pipeline.Mutation, client *cluster.Client, scc *policy.SCC) error {
	changes, how, err := scc.Add(ctx, client)
	if err != nil {
		return err
	}
	warnAll(env, scc.Subjects.Strangers(ctx, client))
	env.Say("scc/%s: %s", scc.Name, how)
	return m.Run(ctx, env, client, changes)
}

func removeSCC(ctx context.Context, env *cmdutil.Env, m *pipeline.Mutation, client *cluster.Client, scc *policy.SCC) error {
	changes, strange, err := scc.Remove(ctx, client)
	if err != nil {
		return err
	}
	warnAll(env, strange)
	return m.Run(ctx, env, client, changes)
}

// needSCC answers those who know OpenShift: pods of other clusters are held in check elsewhere.
func needSCC(client *cluster.Client, name string) error {
	if client.Offline() {
		return nil
	}
	served, err := client.Has(policy.SCCKind())
	if err != nil || served {
		return err
	}
	return hint.Errorf(fmt.Sprintf("kubectl label namespace %s pod-security.kubernetes.io/enforce=%s --overwrite", client.Namespace, podSecurity(name)),
		"scc/%s: %w: the cluster uses Pod Security instead of security context constraints (SCC)", name, platform.ErrUnsupported)
}

// podSecurity is the level of Pod Security that allows what a security context constraint does.
func podSecurity(scc string) string {
	switch strings.TrimSuffix(scc, "-v2") {
	case "restricted", "nonroot":
		return "restricted"
	case "anyuid":
		return "baseline"
	}
	return "privileged"
}
