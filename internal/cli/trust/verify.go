package trust

import (
	"context"
	"crypto/x509"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

// trustReport is what "trust verify -o json" prints.
type trustReport struct {
	Host   string        `json:"host"`
	OK     bool          `json:"ok"`
	Checks []trust.Check `json:"checks"`
}

func newTrustVerify(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify HOST[:PORT]",
		Short: "Connect to a registry and say which tool believes it, and if not, why",
		Long: `Connect to a registry (port 443 unless given) and say which of name, expiry, chain,
wrong folder or wrong CA is wrong, for each tool, with the command that mends it.
Exit status 1 when a tool that is asked for (--for) does not believe it.`,
		Example:           "  regctl trust verify registry.example.com:5000",
		Args:              cobra.MatchAll(hostArgs, cobra.ExactArgs(1)),
		ValidArgsFunction: completeHosts(env),
	}
	where, output := addTrustFlags(cmd), cmdutil.OutputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		report, err := verifyTrust(cmd.Context(), env, args[0], where)
		if err != nil {
			return err
		}
		if err := env.Print(output.Value, report, checkTable(report)); err != nil {
			return err
		}
		return verdict(env, report)
	}
	return cmd
}

func verifyTrust(ctx context.Context, e *cmdutil.Env, arg string, where *trustFlags) (trustReport, error) {
	h, err := trust.ParseHost(arg)
	if err != nil {
		return trustReport{}, err
	}
	place, targets, err := where.place(e)
	if err != nil {
		return trustReport{}, err
	}
	if slices.Contains(where.targets, "all") { // a user has no system store to write, but programs that read the machine's
		targets = append(targets, trust.System)
	}
	system, err := systemPool(host.Root(where.root), place)
	if err != nil {
		return trustReport{}, err
	}
	shown, err := presented(ctx, e, h)
	if err != nil {
		return trustReport{}, err
	}
	checks := trust.Verifier{Place: place, Host: h, Shown: shown, System: system, Now: e.Now(), Targets: targets, Flags: where.String()}.Verify()
	wrong := slices.ContainsFunc(checks, func(c trust.Check) bool { return c.State == trust.Wrong })
	return trustReport{Host: h.String(), OK: !wrong, Checks: checks}, nil
}

// systemPool is what the host's own programs believe.
func systemPool(root host.Root, place trust.Place) (*x509.CertPool, error) {
	if root.Local() {
		return x509.SystemCertPool()
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(place.SystemBundle())
	return pool, nil
}

func checkTable(r trustReport) [][]string {
	table := [][]string{{"CHECK", "RESULT", "DETAIL"}}
	for _, c := range r.Checks {
		table = append(table, []string{c.Name, string(c.State), c.Detail})
	}
	return table
}

// verdict is the error that the report comes to; the command that mends most is its hint, the others are said before.
func verdict(e *cmdutil.Env, r trustReport) error {
	var names, mends []string
	for _, c := range r.Checks {
		if c.State != trust.Wrong {
			continue
		}
		names = append(names, c.Name)
		if c.Mend != "" && !slices.Contains(mends, c.Mend) {
			mends = append(mends, c.Mend)
		}
	}
	if len(names) == 0 {
		return nil
	}
	first := ""
	if len(mends) > 0 {
		first = mends[0]
		for _, m := range mends[1:] {
			e.Say("then: %s", m)
		}
	}
	return hint.Errorf(first, "%s: wrong: %s", r.Host, strings.Join(names, ", "))
}
