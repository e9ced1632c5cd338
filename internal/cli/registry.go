package cli

import "github.com/spf13/cobra"

// newRegistry is the family of commands about a registry that runs in a cluster.
func newRegistry(env *Env) *cobra.Command {
	return family("registry", "Deploy and look after a registry in a cluster",
		`A registry in a cluster: a workload, its service, its secrets and its storage, by one name,
which is docker-registry where none is given.

Start here: regctl registry deploy`,
		newRegistryDeploy(env),
		newRegistryStatus(env),
		newRegistryLogs(env),
		newRegistryLs(env),
		newRegistryVerify(env),
		newRegistryDelete(env),
		newRegistryLsStorage(env),
	)
}
