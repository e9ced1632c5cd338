// Package registry has the commands about a registry that runs in a cluster.
package registry

import (
	"errors"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// New is the family of commands about a registry that runs in a cluster.
func New(env *cmdutil.Env) *cobra.Command {
	cmd := cmdutil.Family("registry", "Deploy and look after a registry in a cluster",
		`A registry in a cluster: a workload, its service, its secrets and its storage, by one name,
which is docker-registry where none is given.

Start here: regctl registry deploy

The spelling of oadm works too: "regctl registry --images=…" with the flags of deploy and
no verb deploys the registry of the usual name.`,
		newRegistryDeploy(env),
		newRegistryStatus(env),
		newRegistryLogs(env),
		newRegistryLs(env),
		newRegistryVerify(env),
		newRegistryGC(env),
		newRegistryDelete(env),
		newRegistryLsStorage(env),
	)
	oldSpelling(env, cmd)
	return cmd
}

// oldSpelling lets the family itself deploy, as "oadm registry" did: by its flags, which
// only the help of deploy lists. With none it is a family like any other.
func oldSpelling(env *cmdutil.Env, cmd *cobra.Command) {
	deploy := addDeploy(env, cmd, true)
	cmd.Flags().VisitAll(func(f *pflag.Flag) { f.Hidden = true })
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) > 0 && strings.TrimSpace(args[0]) == "":
			return hint.BadUsage(errors.New("an argument of nothing but blanks, as by a space behind the \\ that ends a line: the shell ends the command there"), "remove the space, so that the next line belongs to the command")
		case len(args) > 0:
			return cmdutil.UnknownCommand(cmd, env.ArgsFrom(args[0]))
		case cmd.Flags().NFlag() == 0:
			return cmdutil.UnknownOrHelp(cmd, args)
		}
		return deploy(cmd, platform.DefaultName)
	}
}
