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
		Short: "Let users pull, push or manage the images of a project",
		Long: `Let users, groups or service accounts pull, push or manage the images of a project. On
OpenShift by the smallest of its own roles that does it, else by a role registry-pull,
registry-push or registry-admin of the namespace.

pull    get imagestreams/layers                     OpenShift: system:image-puller
push    pull, update imagestreams/layers, and
        create imagestreams for the first push      OpenShift: system:image-builder
admin   push, and list, change and delete
        imagestreams                                OpenShift: registry-admin

All of API group image.openshift.io. Service accounts of another project, which pull from
this one: -z OTHER:NAME, or all of them with --group system:serviceaccounts:OTHER.`,
		Example: `  regctl policy grant push alice -n web
  regctl policy grant pull -z shop:default -n web
  regctl policy grant pull --anonymous -n web`,
		ValidArgs: []string{"pull", "push", "admin"},
		Args:      grantArgs(&anonymous),
	}
	f := cmd.Flags()
	f.StringSliceVar(&who.Users, "user", nil, "a `user`, as the API server knows it; the same as an argument")
	m := pipeline.AddMutation(env, cmd)
	kind := pipeline.SiteFlag(cmd)
	kind.Allowed = slices.DeleteFunc(slices.Clone(kind.Allowed), func(name string) bool { return name == platform.OpenSVC })
	subjectFlags(cmd, &who, false)
	f.Lookup("serviceaccount").Usage = "a service account by its short `name`; one of another project as PROJECT:NAME"
	f.BoolVar(&anonymous, "anonymous", false, "anybody, without a login: pull only")
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
		return []string{policy.Anybody}
	}
	return nil
}

func grantArgs(anonymous *bool) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return hint.BadUsage(errors.New("grant what? pull, push or admin is missing"), cmd.CommandPath()+" pull USER -n PROJECT")
		}
		if _, err := policy.Role("", args[0]); err != nil {
			return err
		}
		if *anonymous && args[0] != "pull" {
			return hint.BadUsage(fmt.Errorf("--anonymous: for pull only, not for %s: a registry takes no pushes without a login", args[0]), cmd.CommandPath()+" pull --anonymous -n PROJECT")
		}
		return nil
	}
}
