package pipeline

import (
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/spf13/cobra"
)

// KubeFlags adds the flags that say which kubeconfig and context a command means.
func KubeFlags(env *cmdutil.Env, cmd *cobra.Command, c *cluster.Config) {
	f := cmd.Flags()
	f.StringVar(&c.File, "kubeconfig", "", "the kubeconfig `file`; by default $KUBECONFIG, else ~/.kube/config")
	f.StringVar(&c.Context, "context", "", "the kubeconfig's `context`; by default the current one")
	f.StringVar(&c.File, "config", "", "the kubeconfig `file`, by its old name")
	_ = f.MarkHidden("config") // the only failure is a flag that does not exist
	_ = cmd.RegisterFlagCompletionFunc("context", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return c.Contexts(env.Getenv), cobra.ShellCompDirectiveNoFileComp
	})
}
