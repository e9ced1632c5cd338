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

// finish walks the tree and gives every command what all have in common: a wrong
// command line is a usage error (exit 2) whose hint names the right help page.
func finish(cmd *cobra.Command) {
	if !cmd.Runnable() && cmd.HasSubCommands() {
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = unknownOrHelp
	} else if check := cmd.Args; check != nil {
		cmd.Args = func(c *cobra.Command, args []string) error { return usage(c, check(c, args)) }
	}
	cmd.SetFlagErrorFunc(usage)
	for _, child := range cmd.Commands() {
		finish(child)
	}
}

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
