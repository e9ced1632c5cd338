package trust

import (
	"slices"
	"strconv"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

func newTrustList(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list [HOST[:PORT]...]",
		Aliases: []string{"ls"},
		Short:   "List trusted CAs and hosts whose certificate is not verified",
		Long: `List trusted CAs and hosts whose certificate is not verified, in the user's files and the
machine's. Of the system store, only what regctl has added. With --platform openshift4, what
the nodes of the kubeconfig's cluster trust.`,
		Example:           "  regctl trust list\n  regctl trust list -o json --root ./image",
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeHosts(env),
	}
	root := cmd.Flags().String("root", "", "`directory` of the host's file tree (default: this machine)")
	output, whole := cmdutil.OutputFlag(cmd), addClusterTrust(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		hosts, err := connect.ParseHosts(args)
		if err != nil {
			return err
		}
		if whole.chosen() {
			if err := whole.check(&trustFlags{root: *root}); err != nil {
				return err
			}
			return whole.list(cmd.Context(), hosts, output)
		}
		entries, err := connect.TrustPlace(env, host.Root(*root), false).List(env.Now())
		if err != nil {
			return err
		}
		return output.Print(env, ofHosts(entries, hosts), trustTable(ofHosts(entries, hosts)))
	}
	return cmd
}

// ofHosts keeps the entries of some hosts, in any spelling; without hosts, all.
func ofHosts(entries []trust.Entry, hosts []trust.Host) []trust.Entry {
	kept := []trust.Entry{}
	for _, e := range entries {
		if len(hosts) == 0 || slices.ContainsFunc(hosts, func(h trust.Host) bool { return slices.Contains(h.Spellings(), e.Host) }) {
			kept = append(kept, e)
		}
	}
	return kept
}

func trustTable(entries []trust.Entry) [][]string {
	table := [][]string{{"HOST", "TARGET", "DAYS", "SUBJECT", "FILE"}}
	for _, e := range entries {
		days, what := "", e.Subject
		if e.DaysLeft != nil {
			days = strconv.Itoa(*e.DaysLeft)
		}
		if e.Insecure {
			what = "(insecure: not verified)"
		}
		if e.Problem != "" {
			what += " (" + e.Problem + ")"
		}
		table = append(table, []string{e.Host, string(e.Target), days, what, e.Path})
	}
	return table
}
