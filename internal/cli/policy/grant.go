package policy

import (
	"errors"
	"fmt"
	"slices"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/policy"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newPolicyGrant(env *cmdutil.Env) *cobra.Command {
	var who policy.Subjects
	var anonymous bool
	cmd := &cobra.Command{
		Use:   "grant pull|push|admin (USER | --group GROUP | -z SERVICE-ACCOUNT)... -n PROJECT",
		Short: "Grant permission to pull, push or manage the images of a project",
		Long: `Grant users, groups or service accounts permission to pull, push or manage the images of
a project. On OpenShift the command binds the smallest predefined role; elsewhere it
creates the role registry-pull, registry-push or registry-admin in the namespace.

pull    get imagestreams/layers                     OpenShift: system:image-puller
push    pull, update imagestreams/layers, and
        create imagestreams for the first push      OpenShift: system:image-builder
admin   push, and list, change and delete
        imagestreams                                OpenShift: registry-admin

The API group is image.openshift.io. For service accounts of another project use
-z OTHER:NAME, or --group system:serviceaccounts:OTHER for all of them.`,
		Example: `  regctl policy grant push alice -n web
  regctl policy grant pull -z shop:default -n web
  regctl policy grant pull --anonymous -n web`,
		ValidArgs: []string{"pull", "push", "admin"},
		Args:      grantArgs(&anonymous),
	}
	f := cmd.Flags()
	f.StringSliceVar(&who.Users, "user", nil, "`user` name; the same as an argument")
	m := pipeline.AddMutation(env, cmd)
	kind := pipeline.SiteFlag(cmd)
	kind.Allowed = slices.DeleteFunc(slices.Clone(kind.Allowed), func(name string) bool { return name == platform.OpenSVC })
	subjectFlags(cmd, &who, false)
	f.Lookup("serviceaccount").Usage = "`name` of a service account, or PROJECT:NAME for another project"
	f.BoolVar(&anonymous, "anonymous", false, "allow anonymous access; pull only")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		addSubjects(&who, false, args[1:])
		addSubjects(&who, true, anybody(anonymous))
		client, err := m.Client(env)
		if err != nil {
			return err
		}
		g := policy.Grant{
			Intent: args[0], Subjects: who.Abroad(), Force: m.Force,
			Own: kind.Value == platform.Kubernetes, Theirs: kind.Value == platform.OpenShift3 || kind.Value == platform.OpenShift4,
		}
		granted, err := g.Plan(cmd.Context(), client)
		if err != nil {
			return err
		}
		warnAll(env, granted.Warnings)
		if granted.How != "" {
			env.Say("%s", granted.How)
		}
		return m.Run(cmd.Context(), env, client, granted.Changes)
	}
	return cmd
}

func anybody(anonymous bool) []string {
	if anonymous {
		return []string{policy.Unauthenticated}
	}
	return nil
}

func grantArgs(anonymous *bool) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return hint.BadUsage(errors.New("pull, push or admin is required"), cmd.CommandPath()+" pull USER -n PROJECT")
		}
		if _, err := policy.Role("", args[0]); err != nil {
			return err
		}
		if *anonymous && args[0] != "pull" {
			return hint.BadUsage(fmt.Errorf("--anonymous cannot be used with %s: anonymous access is limited to pull", args[0]), cmd.CommandPath()+" pull --anonymous -n PROJECT")
		}
		return nil
	}
}
