package cmdutil

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mitchellh/go-wordwrap"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// HelpWidth is the number of columns of help that is not printed on a terminal.
const HelpWidth = 100

// HelpPages makes a command and its subcommands print help that is as wide as the
// terminal, with flags under the headings of FlagGroup.
func HelpPages(env *Env, root *cobra.Command) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		width, out := helpWidth(env), cmd.OutOrStdout()
		about := cmd.Long
		if about == "" {
			about = cmd.Short
		}
		fmt.Fprintf(out, "%s\n\n", wrap(strings.TrimSpace(about), width))
		if cmd.Runnable() || cmd.HasSubCommands() {
			printUsage(out, cmd, width)
		}
	})
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		printUsage(cmd.OutOrStderr(), cmd, helpWidth(env))
		return nil
	})
}

func helpWidth(env *Env) int {
	if fd, tty := Terminal(env.Out); tty {
		if width, _, err := term.GetSize(fd); err == nil && width > 0 {
			return width
		}
	}
	return HelpWidth
}

func printUsage(w io.Writer, cmd *cobra.Command, width int) {
	fmt.Fprint(w, "Usage:")
	if cmd.Runnable() {
		fmt.Fprintf(w, "\n%s", wrap("  "+cmd.UseLine(), width))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n  %s [command]", cmd.CommandPath())
	}
	if len(cmd.Aliases) > 0 {
		fmt.Fprintf(w, "\n\nAliases:\n  %s", cmd.NameAndAliases())
	}
	if cmd.HasExample() {
		fmt.Fprintf(w, "\n\nExamples:\n%s", cmd.Example)
	}
	printCommands(w, cmd, width)
	for _, g := range groupFlags(cmd.LocalFlags()) {
		printFlags(w, g.heading, g.flags, width)
	}
	printFlags(w, "Global Flags", cmd.InheritedFlags(), width)
	printCommandList(w, "Additional help topics:", cmd, width, (*cobra.Command).IsAdditionalHelpTopicCommand)
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n\nUse \"%s [command] --help\" for more information about a command.", cmd.CommandPath())
	}
	fmt.Fprintln(w)
}

func printFlags(w io.Writer, heading string, flags *pflag.FlagSet, width int) {
	if flags.HasAvailableFlags() {
		fmt.Fprintf(w, "\n\n%s:\n%s", heading, strings.TrimRight(flags.FlagUsagesWrapped(width), "\n"))
	}
}

// printCommands lists the subcommands of cmd by group.
func printCommands(w io.Writer, cmd *cobra.Command, width int) {
	listed := func(id string) func(*cobra.Command) bool {
		return func(c *cobra.Command) bool {
			return c.GroupID == id && (c.IsAvailableCommand() || c.Name() == "help")
		}
	}
	for _, group := range cmd.Groups() {
		printCommandList(w, group.Title, cmd, width, listed(group.ID))
	}
	rest := "Available Commands:"
	if len(cmd.Groups()) > 0 {
		rest = "Additional Commands:"
	}
	printCommandList(w, rest, cmd, width, listed(""))
}

func printCommandList(w io.Writer, heading string, cmd *cobra.Command, width int, listed func(*cobra.Command) bool) {
	for i, c := range slices.DeleteFunc(slices.Clone(cmd.Commands()), func(c *cobra.Command) bool { return !listed(c) }) {
		if i == 0 {
			fmt.Fprintf(w, "\n\n%s", heading)
		}
		pad := c.NamePadding()
		about := wrap(c.Short, max(width-pad-3, 20))
		fmt.Fprintf(w, "\n  %-*s %s", pad, c.Name(), strings.ReplaceAll(about, "\n", "\n"+strings.Repeat(" ", pad+3)))
	}
}

// wrap breaks lines wider than width; continuation lines keep the indentation.
func wrap(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		broken := wordwrap.WrapString(line[len(indent):], uint(max(width-len(indent), 20)))
		lines[i] = indent + strings.ReplaceAll(broken, "\n", "\n"+indent)
	}
	return strings.Join(lines, "\n")
}
