package cli

import (
	"errors"
	"fmt"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/policy"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newPolicyGrant(env *Env) *cobra.Command {
	var who policy.Subjects
	cmd := &cobra.Command{
		Use:   "grant pull|push|admin (USER | --group GROUP | -z SERVICE-ACCOUNT)... -n PROJECT",
		Short: "Let users pull, push or manage the images of a project",
		Long: `Let users, groups or service accounts pull, push or manage the images of a project: a
role registry-pull, registry-push or registry-admin of that namespace, and its binding.

pull    get imagestreams/layers
push    pull, update imagestreams/layers, and create imagestreams for the first push
admin   push, and list, change and delete imagestreams

All of API group image.openshift.io, as in OpenShift's own roles. Service accounts of another
project: --group system:serviceaccounts:OTHER. Anybody: --group system:unauthenticated.`,
		Example: `  regctl policy grant push alice -n web
  regctl policy grant pull --group system:serviceaccounts:shop -n web`,
		ValidArgs: []string{"pull", "push", "admin"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return hint.BadUsage(errors.New("grant what? pull, push or admin is missing"), cmd.CommandPath()+" pull USER -n PROJECT")
			}
			_, err := policy.Role("", args[0])
			return err
		},
	}
	m := addMutation(env, cmd)
	subjectFlags(cmd, &who)
	cmd.Flags().StringSliceVar(&who.Users, "user", nil, "a `user`, as the API server knows it; the same as an argument")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		who.Users = append(args[1:], who.Users...)
		client, err := m.client(env)
		if err != nil {
			return err
		}
		role, err := policy.Role(client.Namespace, args[0])
		if err != nil {
			return err
		}
		b := policy.Binding{Role: policy.RoleName(args[0]), RoleNamespace: client.Namespace, Subjects: who}
		binding, err := b.Add(cmd.Context(), client)
		if err != nil {
			return err
		}
		warnMissing(cmd.Context(), env, client, who.Accounts)
		return m.run(cmd.Context(), env, client, []plan.Change{
			&cluster.Apply{Client: client, Object: role, Concern: "policy", Force: m.force}, binding,
		})
	}
	return cmd
}

func newPolicyCanI(env *Env) *cobra.Command {
	var c clusterFlags
	var user, account string
	var groups []string
	cmd := &cobra.Command{
		Use:   "can-i pull|push|delete PROJECT/NAME",
		Short: "Ask whether a user may pull or push an image",
		Long: `Ask the cluster whether you, or another user, may pull, push or delete an image. The exit
status is 0 for yes and 1 for no; the answer no names the right that is missing and the
command that gives it. To ask for others needs the right to (create subjectaccessreviews).`,
		Example: `  regctl policy can-i push web/shop
  regctl policy can-i pull web/shop --user alice`,
		ValidArgs: []string{"pull", "push", "delete"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return hint.BadUsage(errors.New("an action and an image are needed"), cmd.CommandPath()+" push PROJECT/NAME")
			}
			_, err := policy.Needs(args[0])
			return err
		},
	}
	c.add(env, cmd)
	output := outputFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&user, "user", "", "ask for this `user`")
	f.StringVar(&user, "as", "", "ask for this `user`, as kubectl names the flag")
	_ = f.MarkHidden("as") // the only failure is a flag that does not exist
	f.StringVarP(&account, "serviceaccount", "z", "", "ask for this service account of the namespace (-n), by its short `name`")
	f.StringSliceVar(&groups, "group", nil, "ask for a user of this `group`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		project, name, err := policy.Repository(args[1])
		if err != nil {
			return err
		}
		client, err := c.client(env)
		if err != nil {
			return err
		}
		if account != "" {
			user = "system:serviceaccount:" + client.Namespace + ":" + account
		}
		q := policy.Question{Action: args[0], Project: project, Name: name, User: user, Groups: groups}
		answer, err := q.Ask(cmd.Context(), client)
		if err != nil {
			return err
		}
		if err := printAnswer(env, output.value, answer); err != nil || answer.Allowed {
			return err
		}
		return refusal(q, answer)
	}
	return cmd
}

func printAnswer(env *Env, format string, a *policy.Answer) error {
	word := "no"
	if a.Allowed {
		word = "yes"
	}
	return env.Print(format, a, [][]string{{word}})
}

// refusal says what is missing and who gives it.
func refusal(q policy.Question, a *policy.Answer) error {
	who, intent := a.User, q.Action
	if who == "" {
		who = "USER"
	}
	flag := "--user " + shellWord(who)
	if q.User == "" && len(q.Groups) > 0 {
		flag = "--group " + shellWord(q.Groups[0])
		who = "group " + q.Groups[0]
	}
	if intent == "delete" {
		intent = "admin"
	}
	missing := a.Missing[0].String()
	for _, r := range a.Missing[1:] {
		missing += ", " + r.String()
	}
	return hint.Errorf(fmt.Sprintf("an admin: regctl policy grant %s %s -n %s", intent, flag, q.Project),
		"%s may not %s %s/%s: lacks %s", who, q.Action, q.Project, q.Name, missing)
}
