package cli

import "github.com/spf13/cobra"

func newImage(env *Env) *cobra.Command {
	return family("image", "Push, pull, copy, list, inspect and delete images", "")
}
