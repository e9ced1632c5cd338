package cmdutil

import (
	"slices"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// Family is a command that only holds others, such as "regctl ca".
func Family(use, short, long string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: long}
	cmd.AddCommand(children...)
	return cmd
}

// Aliases are a command's other names: the words that people type for it are the same in all families.
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

// Usage makes an error one of the command line (exit status 2), with the help page as advice where it has none.
func Usage(cmd *cobra.Command, err error) error {
	if err == nil || hint.Of(err) != "" {
		return err
	}
	return hint.BadUsage(err, cmd.CommandPath()+" --help")
}

// UnknownOrHelp is what a family does by itself: help where nothing was asked,
// an error with the nearest spelling where the command is unknown.
func UnknownOrHelp(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return UnknownCommand(cmd, args)
}
