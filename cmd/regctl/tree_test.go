package main

import (
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/cli"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// TestEveryCommandIsComplete: each command that does something has a summary and
// an example, and a script runs that example.
func TestEveryCommandIsComplete(t *testing.T) {
	called, err := exampleCalls()
	require.NoError(t, err)
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		path := strings.TrimPrefix(cmd.CommandPath(), "regctl ")
		family := cmd.HasSubCommands() && cmd.Example == ""
		if cmd.Runnable() && !family && !cmd.Hidden && path != "help" {
			require.NotEmpty(t, cmd.Short, "%s has no summary", path)
			require.NotEmpty(t, cmd.Example, "%s has no example", path)
			require.True(t, called[path], "no script runs: example -- %s", path)
		}
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(cli.Root(cmdutil.System()))
}
