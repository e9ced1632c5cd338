package cli

import "github.com/spf13/cobra"

func newTrust(env *Env) *cobra.Command {
	return family("trust", "Make docker, podman, containerd and the system believe a registry's CA", "")
}
