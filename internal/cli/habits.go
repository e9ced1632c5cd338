package cli

import (
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/originals"
	"github.com/spf13/cobra"
)

// finish walks the tree and gives every command what all have in common: a family
// without a command prints its help, and Env.ran tells whether a command line was
// understood, that is, whether an error came from the work or from the line.
func finish(env *cmdutil.Env, cmd *cobra.Command) {
	if !cmd.Runnable() && cmd.HasSubCommands() {
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = cmdutil.UnknownOrHelp
	}
	cmd.Args = cmdutil.ByUseLine(env, cmd.Args)
	cmd.Aliases = cmdutil.Aliases(cmd)
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(c *cobra.Command, args []string) error {
			env.Ran = true
			return run(c, args)
		}
	}
	for _, child := range cmd.Commands() {
		finish(env, child)
	}
}

// habits gives the tree what is true of every command line: how mistakes in flags
// are put, what help says about what is not there, and --version.
func habits(env *cmdutil.Env, root *cobra.Command) {
	old := originals.Commands()
	addIgnored(env, root, old)
	root.SetFlagErrorFunc(orRefused(root, old, cmdutil.FlagError(env)))
	cmdutil.HelpPages(env, root)
	root.SetHelpCommand(newHelp())
	v := cmdutil.BuildVersion()
	root.Version = v.Version + " " + v.Platform + " " + v.Go
	root.SetVersionTemplate("regctl {{.Version}}\n")
	finish(env, root)
}
