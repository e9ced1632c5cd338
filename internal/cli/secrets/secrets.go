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

// New returns the command secrets with its subcommands.
func New(env *cmdutil.Env) *cobra.Command {
	cmd := cmdutil.Family("secrets", "Create secrets, and link them to service accounts",
		`Create secrets from files and credentials, and link them to the service accounts whose
pods mount them or pull images with them.

An existing secret with the same content is kept. Replacing other content requires
--overwrite. With -o yaml or json the commands print the secret with its content and do
not create it, as "oc secrets" does:
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
	cmd.Flags().Lookup("output").Usage = "print the secret in this `format` instead of creating it: json, yaml or name"
	cmd.Flags().BoolVar(&s.overwrite, "overwrite", false, "replace the content of an existing secret")
	return s
}

// secretName is the argument check of the commands whose only argument is a secret's name.
func secretName(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return hint.BadUsage(errors.New("the name of the secret is required"), cmd.CommandPath()+" --help")
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
		Short: "Create a secret from files and directories",
		Long: `Create a secret from files and directories. The key of a file is its base name, unless
KEY= precedes it. A directory adds its regular files, without subdirectories.

The keys imply the type:
  .dockercfg or .dockerconfigjson   a pull secret
  tls.crt and tls.key               kubernetes.io/tls
  other keys                        Opaque

The content is validated first: a certificate must match its key, and a pull secret must
contain credentials, not the name of a helper.`,
		Example: `  regctl secrets new registry-secret registry.crt registry.key
  regctl secrets new pull-secret .dockerconfigjson=config.json`,
	}
	s := addSecretFlags(env, cmd)
	f := cmd.Flags()
	f.StringVar(&kind, "type", "", "`type` of the secret (default: implied by the keys)")
	f.BoolVar(&confirm, "confirm", false, "accept an unknown type")
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
			env.Say("skipping %s", path)
		}
		if err != nil {
			return err
		}
		return s.run(cmd.Context(), env, args[0], cmp.Or(kind, secrets.Detect(data)), data)
	}
	return cmd
}
