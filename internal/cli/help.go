package cli

import (
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// newHelp is cobra's help command, but a topic that does not exist is a mistake.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND...]",
		Short:   "Show help for a command",
		Long:    "Show help for a command, or for one of the listed topics.",
		GroupID: "other",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if about, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, c := range about.Commands() {
					if c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() {
						names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			switch {
			case err != nil:
				return cmdutil.Usage(cmd, err)
			case len(rest) > 0 && !about.HasSubCommands():
				return hint.BadUsage(fmt.Errorf("%q has no subcommands", about.CommandPath()), about.CommandPath()+" --help")
			case len(rest) > 0:
				advice := about.CommandPath() + " --help"
				if meant := cmdutil.MeantCommand(about, rest[0]); meant != nil {
					advice = meant.CommandPath() + " --help"
				}
				return hint.BadUsage(fmt.Errorf("no help for %q: unknown command for %q", rest[0], about.CommandPath()), advice)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
