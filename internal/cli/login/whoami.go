package login

import (
	"errors"
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/identity"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// NewWhoami returns the command whoami.
func NewWhoami(env *cmdutil.Env) *cobra.Command {
	var token, context, server bool
	var kube cluster.Config
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Print the user of the current kubeconfig context",
		Long: `Print the user of the current kubeconfig context, as the API server identifies it.

--show-token prints the token, which is the password for registries that use the
cluster's authentication. --show-context and --show-server only read the kubeconfig.`,
		Example: `  regctl whoami
  regctl whoami -t
  regctl whoami -o json`,
	}
	f := cmd.Flags()
	f.BoolVarP(&token, "show-token", "t", false, "print the token")
	f.BoolVarP(&context, "show-context", "c", false, "print the name of the context")
	f.BoolVar(&server, "show-server", false, "print the URL of the API server")
	output := cmdutil.OutputFlag(cmd)
	pipeline.KubeFlags(env, cmd, &kube)
	cmd.Args = oneQuestion
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		k, err := kube.Open(env.Getenv)
		if err != nil {
			return err
		}
		text := ""
		switch {
		case token:
			text, err = identity.Token(cmd.Context(), k, env.Now())
		case context && k.Name == "":
			err = hint.New(errors.New("no context: the credentials are those of a pod's service account"), "regctl whoami --show-server")
		case context:
			text = k.Name
		case server:
			text = k.Server()
		default:
			id, err := identity.WhoAmI(cmd.Context(), k)
			if err != nil {
				return err
			}
			return output.Print(env, id, [][]string{{id.User}})
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(env.Out, text)
		return err
	}
	return cmd
}

// oneQuestion wants no arguments, and one of the flags that say what is printed.
func oneQuestion(cmd *cobra.Command, args []string) error {
	asked := 0
	for _, name := range []string{"show-token", "show-context", "show-server", "output"} {
		if cmd.Flags().Changed(name) {
			asked++
		}
	}
	if asked > 1 {
		return errors.New("--show-token, --show-context, --show-server and --output cannot be used together")
	}
	return cobra.NoArgs(cmd, args)
}
