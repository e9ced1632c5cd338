package cli

import (
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/spf13/cobra"
)

func newCompletion(env *cmdutil.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script of a shell",
		Long: `Print the completion script of a shell.

bash:        regctl completion bash > /etc/bash_completion.d/regctl
zsh:         regctl completion zsh > "${fpath[1]}/_regctl"
fish:        regctl completion fish > ~/.config/fish/completions/regctl.fish
powershell:  regctl completion powershell | Out-String | Invoke-Expression`,
		Example:   "  regctl completion bash",
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE:      func(cmd *cobra.Command, args []string) error { return WriteCompletion(cmd.Root(), env, args[0]) },
	}
}

// WriteCompletion writes the completion script of a shell to the Env's stdout.
func WriteCompletion(root *cobra.Command, env *cmdutil.Env, shell string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(env.Out, true)
	case "zsh":
		return root.GenZshCompletion(env.Out)
	case "fish":
		return root.GenFishCompletion(env.Out, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(env.Out)
	}
	return fmt.Errorf("no completion for shell %q", shell)
}
