package cli

import "github.com/spf13/cobra"

func newLogin(env *Env) *cobra.Command {
	return family("login", "Log in to a registry", "")
}
func newLogout(env *Env) *cobra.Command {
	return family("logout", "Log out of a registry", "")
}
func newWhoami(env *Env) *cobra.Command {
	return family("whoami", "Print the user of the current kubeconfig context", "")
}
