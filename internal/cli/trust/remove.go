package trust

import (
	"context"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

func newTrustRemove(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove HOST[:PORT]...",
		Short: "Remove trust in a registry's CA certificate",
		Long: `Remove trust in a registry's CA certificate, and verify its certificate again.

Removes what "trust add" writes, for every target unless --for names some, and nothing
else: other files in the host's directories are kept and listed.

With --platform openshift4, the same for the nodes of the kubeconfig's cluster.`,
		Example: `  regctl trust remove registry.example.com:5000 --root ./image
  regctl trust remove old.example.com:5000 --insecure --root ./image`,
		Args:              hostArgs,
		ValidArgsFunction: completeHosts(env),
	}
	where, change, whole := addTrustFlags(cmd), pipeline.AddChangeFlags(cmd), addClusterTrust(env, cmd)
	cmd.Flags().Lookup("for").Usage = "`targets`: docker, containers, containerd, system or all (default all)"
	insecure := cmd.Flags().Bool("insecure", false, "only verify the certificate again; keep the CA")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if whole.chosen() {
			return whole.remove(cmd.Context(), args, where, change, *insecure)
		}
		return removeTrust(cmd.Context(), env, args, where, change, *insecure)
	}
	return cmd
}

func removeTrust(ctx context.Context, e *cmdutil.Env, args []string, where *trustFlags, change *pipeline.ChangeFlags, insecure bool) error {
	hosts, err := connect.ParseHosts(args)
	if err != nil {
		return err
	}
	if len(where.targets) == 0 {
		where.targets = []string{"all"}
	}
	place, targets, err := where.place(e)
	if err != nil {
		return err
	}
	files, err := place.Remove(hosts, insecure, targets...)
	if err != nil {
		return cmdutil.MayNot(err, connect.AsRoot(e))
	}
	if err := writeTrust(ctx, e, where, change, place, files); err != nil {
		return err
	}
	if !insecure {
		sayKept(e, place, hosts, files, targets, host.Root(where.root))
	}
	if len(files) == 0 {
		e.Say("%s: nothing to remove", strings.Join(args, ", "))
	}
	return sayLeft(e, place, hosts, insecure, change.Dry())
}

// sayKept lists the files of others in the hosts' directories.
func sayKept(e *cmdutil.Env, place trust.Place, hosts []trust.Host, files []trust.File, targets []trust.Target, root host.Root) {
	for _, name := range place.Kept(hosts, files, targets...) {
		what := "not written by regctl"
		if strings.HasSuffix(name, ".crt") {
			what = "still trusted"
		}
		e.Say("kept: %s (%s)", (&host.File{Root: root, Path: name}).Place(), what)
	}
}

// sayLeft tells what else is trusted for the same hosts: in the files of the other scope, or in other files of their directories.
func sayLeft(e *cmdutil.Env, place trust.Place, hosts []trust.Host, insecure, dry bool) error {
	entries, err := place.List(e.Now())
	if err != nil || dry {
		return err
	}
	var left []string
	for _, entry := range entries {
		for _, h := range hosts {
			if slices.Contains(h.Spellings(), entry.Host) && (entry.Insecure || !insecure) {
				left = append(left, entry.Host+" in "+entry.Path)
			}
		}
	}
	slices.Sort(left)
	for _, line := range slices.Compact(left) {
		e.Say("still trusted: %s", line)
	}
	return nil
}
