package cmdutil

import (
	"slices"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// Family is a command that only groups subcommands, such as "regctl ca".
func Family(use, short, long string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: long}
	cmd.AddCommand(children...)
	return cmd
}

// Aliases returns the other names of a command. All families use the same synonyms.
func Aliases(cmd *cobra.Command) []string {
	names := cmd.Aliases
	for _, same := range [][]string{{"remove", "rm", "delete", "del"}, {"list", "ls"}, {"copy", "cp"}} {
		if !slices.Contains(same, cmd.Name()) {
			continue
		}
		for _, word := range same {
			taken := func(c *cobra.Command) bool { return c.Name() == word || c.HasAlias(word) }
			if cmd.HasParent() && !slices.ContainsFunc(cmd.Parent().Commands(), taken) {
				names = append(names, word)
			}
		}
	}
	return names
}

// Usage marks err as a usage error (exit status 2). If it has no hint, the hint is the help page.
func Usage(cmd *cobra.Command, err error) error {
	if err == nil || hint.Of(err) != "" {
		return err
	}
	return hint.BadUsage(err, cmd.CommandPath()+" --help")
}

// UnknownOrHelp runs a family without a subcommand: it prints help,
// or fails with the nearest spelling of an unknown command.
func UnknownOrHelp(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return UnknownCommand(cmd, args)
}
