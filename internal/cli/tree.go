package cli

import (
	"fmt"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// family is a command that only holds others, such as "regctl ca".
func family(use, short, long string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: long}
	cmd.AddCommand(children...)
	return cmd
}

// finish walks the tree and gives every command what all have in common: a family
// without a command prints its help, and Env.ran tells whether a command line was
// understood, that is, whether an error came from the work or from the line.
func finish(env *Env, cmd *cobra.Command) {
	if !cmd.Runnable() && cmd.HasSubCommands() {
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = unknownOrHelp
	}
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(c *cobra.Command, args []string) error {
			env.ran = true
			return run(c, args)
		}
	}
	for _, child := range cmd.Commands() {
		finish(env, child)
	}
}

// usage makes an error one of the command line (exit status 2), with the help page as advice where it has none.
func usage(cmd *cobra.Command, err error) error {
	if err == nil || hint.Of(err) != "" {
		return err
	}
	return hint.BadUsage(err, cmd.CommandPath()+" --help")
}

// unknownOrHelp is what a family does by itself: help where nothing was asked,
// an error with the nearest spelling where the command is unknown.
func unknownOrHelp(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	advice := cmd.CommandPath() + " --help"
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		advice = cmd.CommandPath() + " " + near[0]
	}
	return hint.BadUsage(fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath()), advice)
}
