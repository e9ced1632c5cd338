// Package secrets has the commands that create secrets and link them to service accounts, as "oc secrets".
package secrets

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func New(env *cmdutil.Env) *cobra.Command {
	cmd := cmdutil.Family("secrets", "Make secrets, and link them to service accounts",
		`Make secrets of files and credentials, and link them to the service accounts
whose pods mount them or pull images with them.

A secret that is there already and holds the same is left alone; one that holds
something else is only replaced with --overwrite. With -o yaml or json the commands that
create secrets print the secret with its content and create nothing, as "oc secrets" did:
regctl secrets new NAME FILE -o yaml | kubectl apply -f -`,
		newSecretsNew(env), newSecretsDockercfg(env), newSecretsBasicAuth(env), newSecretsSSHAuth(env), newSecretsLink(env), newSecretsUnlink(env))
	cmd.Aliases = []string{"secret"}
	return cmd
}

// secretFlags are those of the commands that make a secret.
type secretFlags struct {
	*pipeline.Mutation
	overwrite bool
	cmd       *cobra.Command
}

func addSecretFlags(env *cmdutil.Env, cmd *cobra.Command) *secretFlags {
	s := &secretFlags{Mutation: pipeline.AddMutation(env, cmd), cmd: cmd}
	cmd.Flags().Lookup("output").Usage = "print the secret as this `format`: json, yaml or name; json and yaml create nothing, as in oc, unless with --dry-run=none"
	cmd.Flags().BoolVar(&s.overwrite, "overwrite", false, "replace what a secret of this name holds")
	return s
}

// secretName is the argument check of the commands whose only argument is a secret's name.
func secretName(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return hint.BadUsage(errors.New("secret name is required"), cmd.CommandPath()+" --help")
	}
	if err := cobra.ExactArgs(1)(cmd, args); err != nil {
		return err
	}
	return secrets.CheckName(args[0])
}

// run makes the secret.
func (s *secretFlags) run(ctx context.Context, env *cmdutil.Env, name, kind string, data secrets.Data) error {
	warnings, err := secrets.Check(kind, data)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		env.Warn("%s", w)
	}
	s.AsOriginal(env, s.cmd, plan.Client)
	client, err := s.Client(env)
	if err != nil {
		return err
	}
	return s.Mutation.Run(ctx, env, client, []plan.Change{&change.Make{
		Client: client, Object: secretObject(client.Namespace, name, kind, data), Fields: []string{"data", "type"}, Overwrite: s.overwrite,
	}})
}

func secretObject(namespace, name, kind string, data secrets.Data) *cluster.Object {
	encoded := map[string]any{}
	for key, content := range data {
		encoded[key] = base64.StdEncoding.EncodeToString(content)
	}
	return &cluster.Object{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": name, "namespace": namespace}, "type": kind, "data": encoded,
	}}
}

func newSecretsNew(env *cmdutil.Env) *cobra.Command {
	var kind string
	var confirm bool
	cmd := &cobra.Command{
		Use:   "new NAME [KEY=]SOURCE...",
		Short: "Make a secret of files and folders",
		Long: `Make a secret of files and folders.

A file's key is its base name, unless KEY= says another; of a folder each regular
file is taken, but not those of folders below it. The type follows from the keys:
a single .dockercfg or .dockerconfigjson makes a pull secret, tls.crt with tls.key
one of type kubernetes.io/tls, all else is Opaque, registry.crt with registry.key too.

What is in the files is looked at first: a certificate must belong to the key beside
it, credentials must be there and not with a helper, and are brought into the form
that the type demands.`,
		Example: `  regctl secrets new registry-secret registry.crt registry.key
  regctl secrets new pull-secret .dockerconfigjson=config.json`,
	}
	s := addSecretFlags(env, cmd)
	f := cmd.Flags()
	f.StringVar(&kind, "type", "", "the secret's `type`; by default what the keys say")
	f.BoolVar(&confirm, "confirm", false, "take a type that is not known")
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(secrets.Types(), cobra.ShellCompDirectiveNoFileComp))
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := secretName(cmd, args[:min(1, len(args))]); err != nil || kind == "" {
			return err
		}
		return secrets.CheckType(kind, confirm)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		data, skipped, err := secrets.ReadFiles(args[1:])
		for _, path := range skipped {
			env.Say("Skipping resource %s", path)
		}
		if err != nil {
			return err
		}
		return s.run(cmd.Context(), env, args[0], cmp.Or(kind, secrets.Detect(data)), data)
	}
	return cmd
}
