package cli

import (
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/spf13/cobra"
)

func newVersion(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  regctl version\n  regctl version -o json",
		Args:    cobra.NoArgs,
	}
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		v := cmdutil.BuildVersion()
		return output.Print(env, v, [][]string{{"regctl " + v.Version + " " + v.Platform + " " + v.Go}})
	}
	return cmd
}
