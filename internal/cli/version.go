package cli

import (
	"github.com/spf13/cobra"
)

func newVersion(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print which build this is",
		Example: "  regctl version\n  regctl version -o json",
		Args:    cobra.NoArgs,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		v := BuildVersion()
		return env.Print(output.value, v, [][]string{{"regctl " + v.Version + " " + v.Platform + " " + v.Go}})
	}
	return cmd
}
