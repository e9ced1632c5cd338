package trust

import (
	"context"
	"crypto/x509"
	"errors"
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
	Host   string       `json:"host"`
	OK     bool         `json:"ok"`
	Checks []trustCheck `json:"checks"`
}

type trustCheck struct {
	Name   string      `json:"check"` // name, expiry, chain, a target, or regctl
	State  trust.State `json:"state"`
	Detail string      `json:"detail"`
	Fix    string      `json:"mend,omitempty"` // the command that resolves it
}

func newTrustVerify(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify HOST[:PORT]",
		Short: "Verify that each tool trusts a registry's certificate",
		Long: `Connect to a registry (port 443 unless given) and verify its certificate as each tool does:
its names, its validity, its chain, and the CAs that the tool trusts for the host. For each
failure, the command that resolves it is printed.

Connections use the proxy of HTTPS_PROXY unless NO_PROXY names the host. Exit status 1 when
a tool that is asked for (--for) does not trust the registry.`,
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
		if err := output.Print(env, report, checkTable(report)); err != nil {
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
	shown, err := presented(ctx, h)
	if err != nil && !errors.Is(err, trust.ErrNotTLS) {
		return trustReport{}, err
	}
	v := trust.Verifier{Place: place, Host: h, Shown: shown, System: system, Now: e.Now(), Targets: targets}
	report := trustReport{Host: h.String(), OK: true}
	for _, c := range v.Verify() {
		report.OK = report.OK && c.State != trust.Wrong
		report.Checks = append(report.Checks, trustCheck{c.Name, c.State, c.Detail, command(h, c, where, place.User)})
	}
	if report.OK {
		return report, nil
	}
	return report, err
}

// systemPool is what the host's own programs trust.
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

// verdict is the error that the report comes to; the first command that resolves something is its hint, the others are printed before.
func verdict(e *cmdutil.Env, r trustReport) error {
	var names, fixes []string
	for _, c := range r.Checks {
		if c.State != trust.Wrong {
			continue
		}
		names = append(names, c.Name)
		if c.Fix != "" && !slices.Contains(fixes, c.Fix) {
			fixes = append(fixes, c.Fix)
		}
	}
	if len(names) == 0 {
		return nil
	}
	first := ""
	if len(fixes) > 0 {
		first = fixes[0]
		for _, fix := range fixes[1:] {
			e.Say("also: %s", fix)
		}
	}
	return hint.Errorf(first, "%s: wrong: %s", r.Host, strings.Join(names, ", "))
}
