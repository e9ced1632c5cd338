// Package registry has the commands that deploy and manage a registry in a cluster.
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

// New returns the family of commands for a registry in a cluster.
func New(env *cmdutil.Env) *cobra.Command {
	cmd := cmdutil.Family("registry", "Deploy and manage a registry in a cluster",
		`Deploy and manage a registry in a cluster: a workload, its service, secrets and storage
under one NAME (default docker-registry).

Start here: regctl registry deploy

The syntax of "oadm registry" also works: "regctl registry --images=…", with the flags
of deploy and without a verb.`,
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

// oldSpelling makes the family itself deploy, as "oadm registry" does, with flags that
// only the help of deploy lists. Without flags it prints help.
func oldSpelling(env *cmdutil.Env, cmd *cobra.Command) {
	deploy := addDeploy(env, cmd, true)
	cmd.Flags().VisitAll(func(f *pflag.Flag) { f.Hidden = true })
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) > 0 && strings.TrimSpace(args[0]) == "":
			return hint.BadUsage(errors.New("blank argument: a space after the \\ at the end of a line ends the command there"), "remove the space after the \\")
		case len(args) > 0:
			return cmdutil.UnknownCommand(cmd, env.ArgsFrom(args[0]))
		case cmd.Flags().NFlag() == 0:
			return cmdutil.UnknownOrHelp(cmd, args)
		}
		return deploy(cmd, platform.DefaultName)
	}
}
