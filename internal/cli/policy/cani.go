package policy

import (
	"context"
	"errors"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/identity"
	"github.com/regctl/regctl/internal/policy"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newPolicyCanI(env *cmdutil.Env) *cobra.Command {
	var c pipeline.ClusterFlags
	var user, account string
	var groups []string
	cmd := &cobra.Command{
		Use:   "can-i pull|push|delete PROJECT/NAME",
		Short: "Check whether a user can pull or push an image",
		Long: `Check whether you or another user can pull, push or delete an image. The exit status is
0 for yes and 1 for no. The answer no includes the missing permission and the command
that grants it. Checking another user requires "create subjectaccessreviews".

push    get and update imagestreams/layers; create imagestreams, unless OpenShift has
        the image stream
pull    get imagestreams/layers
delete  delete images of the cluster (OpenShift), else delete imagestreams`,
		Example: `  regctl policy can-i push web/shop
  regctl policy can-i pull web/shop --user alice`,
		ValidArgs: []string{"pull", "push", "delete"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return hint.BadUsage(errors.New("an action and an image are required"), cmd.CommandPath()+" push PROJECT/NAME")
			}
			_, err := policy.Needs(args[0])
			return err
		},
	}
	output := cmdutil.OutputFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&user, "user", "", "check this `user`")
	f.StringVar(&user, "as", "", "alias of --user `user`")
	_ = f.MarkHidden("as") // the only failure is a flag that does not exist
	f.StringVarP(&account, "serviceaccount", "z", "", "check the service account of this `name`, or NAMESPACE:NAME")
	f.StringSliceVar(&groups, "group", nil, "check a user of this `group`")
	c.Add(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		project, name, err := policy.Repository(args[1])
		if err != nil {
			return err
		}
		client, err := c.Client(env)
		if err != nil {
			return err
		}
		if account != "" {
			user = policy.AccountUser(client.Namespace, account)
		}
		q := policy.Question{Action: args[0], Project: project, Name: name, User: user, Groups: groups}
		return ask(cmd.Context(), env, &c, client, q, output)
	}
	return cmd
}

// ask asks the cluster, and prints the answer; a no is an error that names what mends it.
func ask(ctx context.Context, e *cmdutil.Env, c *pipeline.ClusterFlags, client *cluster.Client, q policy.Question, output *cmdutil.Output) error {
	answer, err := q.Ask(ctx, client)
	if err != nil {
		return err
	}
	if q.User == "" && len(q.Groups) == 0 {
		warnNoToken(ctx, e, c)
	}
	if err := printAnswer(e, output, answer); err != nil || answer.Allowed {
		return err
	}
	return refusal(q, answer)
}

// warnNoToken warns those who log in to the cluster by a certificate, as system:admin does: whatever
// they may do, a registry takes tokens only.
func warnNoToken(ctx context.Context, env *cmdutil.Env, c *pipeline.ClusterFlags) {
	k, err := c.Kube.Open(env.Getenv)
	if err == nil {
		_, err = identity.Token(ctx, k, env.Now())
	}
	if errors.Is(err, identity.ErrNoToken) {
		env.Warn("%v; %s", err, hint.Of(err))
	}
}

func printAnswer(env *cmdutil.Env, output *cmdutil.Output, a *policy.Answer) error {
	word := "no"
	if a.Allowed {
		word = "yes"
	}
	if a.Note != "" {
		env.Say("%s", a.Note)
	}
	return output.Print(env, a, [][]string{{word}})
}

// refusal says what is missing and who gives it.
func refusal(q policy.Question, a *policy.Answer) error {
	who := a.User
	switch {
	case who == "" && len(q.Groups) > 0:
		who = "group " + q.Groups[0]
	case who == "":
		who = "you"
	}
	missing := a.Missing[0].String()
	for _, r := range a.Missing[1:] {
		missing += ", " + r.String()
	}
	return hint.Errorf("as an admin, run: "+q.GrantCommand(a),
		"%s cannot %s %s/%s: missing permission %s", who, q.Action, q.Project, q.Name, missing)
}
