// Package trust has the commands that manage trust in registry CAs.
package trust

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

// New returns the command trust with its subcommands.
func New(env *cmdutil.Env) *cobra.Command {
	return cmdutil.Family("trust", "Manage trust in registry CAs for Docker, Podman, containerd and the system",
		`Manage trust in registry CAs for Docker, Podman, containerd and the system.

Tools look for the literal HOST or HOST:PORT of the image reference: "host" and
"host:443" are two hosts to them, so both are written. Files are the machine's for
root and the user's own for everyone else.`,
		newTrustAdd(env), newTrustRemove(env), newTrustList(env), newTrustVerify(env))
}

// trustFlags say where trust files lie and whose they are.
type trustFlags struct {
	root         string
	user, system bool
	targets      []string
}

func addTrustFlags(cmd *cobra.Command) *trustFlags {
	f := &trustFlags{}
	cmd.Flags().StringVar(&f.root, "root", "", "`directory` of the host's file tree, such as an image's (default: this machine)")
	cmd.Flags().BoolVar(&f.user, "user", false, "change the user's files (default, except for root)")
	cmd.Flags().BoolVar(&f.system, "system", false, "change the machine's files (default for root and with --root)")
	cmd.Flags().StringSliceVar(&f.targets, "for", nil, "`targets`: docker, containers, containerd, system, all (default: the first three)")
	words := append([]string{"all"}, targetNames()...)
	// the only failure is a flag that does not exist
	_ = cmd.RegisterFlagCompletionFunc("for", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	return f
}

func targetNames() []string {
	var names []string
	for _, t := range trust.Targets() {
		names = append(names, string(t))
	}
	return names
}

// String is the flags as they are to be typed again.
func (f *trustFlags) String() string {
	switch {
	case f.root != "":
		return " --root " + hint.Quote(f.root) + f.whom()
	case f.user:
		return " --user" + f.whom()
	case f.system:
		return " --system" + f.whom()
	}
	return f.whom()
}

// whom is --for as it is to be typed again.
func (f *trustFlags) whom() string {
	if len(f.targets) == 0 {
		return ""
	}
	return " --for " + strings.Join(f.targets, ",")
}

// place finds where the tools of the host look, and the targets that are meant.
func (f *trustFlags) place(env *cmdutil.Env) (trust.Place, []trust.Target, error) {
	if f.user && f.system {
		return trust.Place{}, nil, hint.BadUsage(errors.New("--user cannot be used with --system"), "use one of them")
	}
	user := f.user || !f.system && f.root == "" && env.UID != 0
	if user && env.Home() == "" {
		return trust.Place{}, nil, hint.Errorf("set HOME, or add --system", "HOME is not set")
	}
	if f.root != "" {
		if info, err := os.Stat(f.root); err != nil || !info.IsDir() {
			return trust.Place{}, nil, hint.BadUsage(fmt.Errorf("--root %s: not a directory", f.root), "give the directory that has the host's etc/")
		}
	}
	place := connect.TrustPlace(env, host.Root(f.root), user)
	targets, err := place.ParseTargets(f.targets)
	return place, targets, err
}

// hostArgs wants at least one host.
func hostArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return hint.BadUsage(errors.New("a host is required"), cmd.CommandPath()+" HOST:PORT")
	}
	return nil
}

// completeHosts offers the hosts that are trusted now.
func completeHosts(env *cmdutil.Env) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		entries, err := connect.TrustPlace(env, "", false).List(env.Now())
		var hosts []cobra.Completion
		for _, e := range entries {
			if e.Host != "" && !slices.Contains(hosts, e.Host) {
				hosts = append(hosts, e.Host)
			}
		}
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return hosts, cobra.ShellCompDirectiveNoFileComp
	}
}
