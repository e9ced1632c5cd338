package cli

import "github.com/spf13/cobra"

func newCA(env *Env) *cobra.Command {
	return family("ca", "Make, sign, inspect and renew certificates", "")
}
