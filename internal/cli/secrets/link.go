package secrets

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newSecretsLink(env *cmdutil.Env) *cobra.Command {
	var purposes []string
	cmd := &cobra.Command{
		Use:     "link SERVICE-ACCOUNT SECRET...",
		Aliases: []string{"add"},
		Short:   "Link secrets to a service account",
		Long: `Add secrets to the lists of a service account: mountable secrets (--for=mount), pull
secrets (--for=pull), or both.

Use the service account of the pods, which this command shows:
  kubectl get pod POD -o jsonpath={.spec.serviceAccountName}
Pods get pull secrets when they are created. Existing pods must be created again.`,
		Example: `  regctl secrets link registry registry-secret
  regctl secrets link default pull-secret --for=pull,mount
  regctl secrets add serviceaccounts/registry secrets/registry-secret`,
		Args: accountAndSecrets,
	}
	m := pipeline.AddMutation(env, cmd)
	cmd.ValidArgsFunction = completeLink(env, m)
	cmd.Flags().StringSliceVar(&purposes, "for", []string{"mount"}, "comma-separated `uses`: mount, pull")
	_ = cmd.RegisterFlagCompletionFunc("for", cobra.FixedCompletions([]string{"mount", "pull"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		lists, err := secrets.Lists(purposes)
		if err != nil {
			return err
		}
		return runLink(cmd.Context(), env, m, args, lists)
	}
	return cmd
}

func newSecretsUnlink(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "unlink SERVICE-ACCOUNT SECRET...",
		Short: "Unlink secrets from a service account",
		Long: `Remove secrets from both lists of a service account, even if the secrets do not exist.
The secrets are not deleted.`,
		Example: `  regctl secrets unlink registry registry-secret`,
		Args:    accountAndSecrets,
	}
	m := pipeline.AddMutation(env, cmd)
	cmd.ValidArgsFunction = completeLink(env, m)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runUnlink(cmd.Context(), env, m, args) }
	return cmd
}

// completeLink completes the service account, then secrets.
func completeLink(env *cmdutil.Env, m *pipeline.Mutation) cobra.CompletionFunc {
	return m.Complete(env, func(_ context.Context, client *cluster.Client, args []string, _ string) []string {
		if len(args) == 0 {
			return pipeline.ObjectNames(client, "", "serviceaccount")
		}
		return pipeline.ObjectNames(client, "", "secret")
	})
}

// accountAndSecrets is the argument check of link and unlink.
func accountAndSecrets(_ *cobra.Command, args []string) error {
	if len(args) < 2 {
		return hint.BadUsage(errors.New("a service account and at least one secret are required"), "regctl secrets link registry registry-secret")
	}
	_, _, err := linkNames(args)
	return err
}

// linkNames reads NAME or TYPE/NAME.
func linkNames(args []string) (account string, names []string, err error) {
	if account, err = pipeline.NameOf(args[0], "serviceaccount", "serviceaccounts", "sa"); err != nil {
		return "", nil, err
	}
	for _, arg := range args[1:] {
		name, err := pipeline.NameOf(arg, "secret", "secrets")
		if err != nil {
			return "", nil, err
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return account, names, nil
}

func accountRef(client *cluster.Client, name string) cluster.Ref {
	return cluster.Ref{GVK: cluster.GVK{Version: "v1", Kind: "ServiceAccount"}, Namespace: client.Namespace, Name: name}
}

// runLink links the secrets that are there. One that is missing is an error in the end, whatever else was linked.
func runLink(ctx context.Context, env *cmdutil.Env, m *pipeline.Mutation, args, lists []string) error {
	account, names, err := linkNames(args)
	if err != nil {
		return err
	}
	client, err := m.Client(env)
	if err != nil {
		return err
	}
	found, missing, err := lookFor(ctx, env, client, names, lists)
	if err != nil {
		return err
	}
	gone := missingSecrets(client.Namespace, missing)
	if len(found) == 0 {
		return gone
	}
	var linked []string
	edit := &change.Edit{Client: client, Ref: accountRef(client, account), Do: func(o *cluster.Object) (err error) {
		linked, err = secrets.Link(o.Object, found, lists)
		return err
	}}
	if err := m.Run(ctx, env, client, []plan.Change{edit}); err != nil {
		return err
	}
	for _, what := range linked {
		if !m.Dry() {
			env.Say("%s", what)
		}
	}
	return gone
}

// lookFor sorts names into the secrets that are there and those that are not.
func lookFor(ctx context.Context, env *cmdutil.Env, client *cluster.Client, names, lists []string) (found, missing []string, err error) {
	if client.Offline() {
		return names, nil, nil
	}
	for _, name := range names {
		o, err := client.Get(ctx, cluster.Ref{GVK: cluster.GVK{Version: "v1", Kind: "Secret"}, Namespace: client.Namespace, Name: name})
		switch {
		case err != nil:
			return nil, nil, err
		case o == nil:
			missing = append(missing, name)
			continue
		}
		if kind, _ := o.Object["type"].(string); slices.Contains(lists, secrets.PullList) && kind != secrets.Dockercfg && kind != secrets.DockerConfigJSON {
			env.Warn("secret/%s has type %s, which is not a pull secret; to create one: regctl secrets new-dockercfg", name, kind)
		}
		found = append(found, name)
	}
	return found, missing, nil
}

func missingSecrets(namespace string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	return hint.Errorf("kubectl get secrets -n "+namespace, "secret/%s: not found in namespace %s, so not linked", strings.Join(names, ", secret/"), namespace)
}

func runUnlink(ctx context.Context, env *cmdutil.Env, m *pipeline.Mutation, args []string) error {
	account, names, err := linkNames(args)
	if err != nil {
		return err
	}
	client, err := m.Client(env)
	if err != nil {
		return err
	}
	var strange []string
	edit := &change.Edit{Client: client, Ref: accountRef(client, account), Do: func(o *cluster.Object) error {
		strange = secrets.Unlink(o.Object, names)
		return nil
	}}
	err = m.Run(ctx, env, client, []plan.Change{edit})
	if err == nil && !client.Offline() {
		for _, name := range strange {
			env.Warn("secret/%s is not linked to serviceaccount/%s", name, account)
		}
	}
	return err
}
