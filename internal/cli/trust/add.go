package trust

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

// trustAdd is what "trust add" is asked to do.
type trustAdd struct {
	env         *cmdutil.Env
	where       *trustFlags
	change      *pipeline.ChangeFlags
	caFile      string
	fromServer  bool
	fingerprint string
	insecure    bool
	yes         bool
	cluster     *clusterTrust
}

func newTrustAdd(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add HOST[:PORT]... (--ca FILE | --from-server | --insecure)",
		Short: "Trust a registry's CA certificate on this machine",
		Long: `Trust a registry's CA certificate on this machine, or turn verification off.

--from-server takes the CA that the first host sends. Compare its fingerprint with
the one that "regctl ca inspect" prints on the registry's machine: you are asked,
or give it by --fingerprint. The system store is written only when it is named
(--for system), since the system then trusts the CA for every site.` + aboutClusterTrust,
		Example: `  regctl trust add registry.example.com registry.example.com:5000 --ca ca.crt
  regctl trust add registry.example.com:5000 --ca ca.crt --for all --root ./image --dry-run --diff
  regctl trust add old.example.com:5000 --insecure --root ./image`,
		Args:              hostArgs,
		ValidArgsFunction: completeHosts(env),
	}
	a := &trustAdd{env: env, where: addTrustFlags(cmd), change: pipeline.AddChangeFlags(cmd)}
	a.cluster = addClusterTrust(env, cmd)
	f := cmd.Flags()
	f.StringVar(&a.caFile, "ca", "", "PEM `file` with one or more CA certificates, - for stdin")
	f.BoolVar(&a.fromServer, "from-server", false, "take the CA that the server sends, after you confirm it")
	f.StringVar(&a.fingerprint, "fingerprint", "", "with --from-server: expected SHA-256 `fingerprint` of the CA")
	f.BoolVar(&a.insecure, "insecure", false, "do not verify the certificate, and allow plain HTTP")
	f.BoolVarP(&a.yes, "yes", "y", false, "do not ask for confirmation; --from-server still requires --fingerprint")
	_ = cmd.MarkFlagFilename("ca", "crt", "pem", "cer")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.run(cmd.Context(), args) }
	return cmd
}

func (a *trustAdd) run(ctx context.Context, args []string) error {
	hosts, err := connect.ParseHosts(args)
	if err != nil {
		return err
	}
	if err := a.oneSource(args[0]); err != nil {
		return err
	}
	if a.fingerprint != "" && !a.fromServer {
		return hint.BadUsage(errors.New("--fingerprint requires --from-server"), "regctl trust add "+args[0]+" --from-server --fingerprint "+a.fingerprint)
	}
	if a.cluster.chosen() {
		return a.addCluster(ctx, hosts)
	}
	place, targets, err := a.where.place(a.env)
	if err != nil {
		return err
	}
	files, err := a.files(ctx, place, hosts, targets)
	if err != nil {
		return cmdutil.MayNot(advised(hosts[0], err), connect.AsRoot(a.env)+", or add --user")
	}
	if a.insecure {
		a.env.Warn("%s: anyone on the network path can read and change images", hosts[0])
		for _, w := range place.RegistriesWarnings(hosts) {
			a.env.Warn("%s", w)
		}
	} else {
		for _, w := range place.Warnings(hosts, targets...) {
			a.env.Warn("%s", w)
		}
	}
	return writeTrust(ctx, a.env, a.where, a.change, place, files)
}

// oneSource wants exactly one of the three ways.
func (a *trustAdd) oneSource(host string) error {
	given := 0
	for _, is := range []bool{a.caFile != "", a.fromServer, a.insecure} {
		if is {
			given++
		}
	}
	switch given {
	case 0:
		return hint.BadUsage(errors.New("a CA is required"), "regctl trust add "+host+" --ca ca.crt, or --from-server")
	case 1:
		return nil
	}
	return hint.BadUsage(errors.New("--ca, --from-server and --insecure cannot be used together"), "use one of them")
}

func (a *trustAdd) files(ctx context.Context, place trust.Place, hosts []trust.Host, targets []trust.Target) ([]trust.File, error) {
	if a.insecure {
		if slices.Contains(a.where.targets, "all") {
			targets = slices.DeleteFunc(targets, func(t trust.Target) bool { return t == trust.System })
		}
		return place.AddInsecure(hosts, targets...)
	}
	ca, err := a.ca(ctx, hosts[0])
	if err != nil {
		return nil, err
	}
	return place.Add(hosts, ca, targets...)
}

func (a *trustAdd) ca(ctx context.Context, first trust.Host) ([]*x509.Certificate, error) {
	if a.fromServer {
		return a.serverCA(ctx, first)
	}
	name, b, err := a.caFile, []byte(nil), error(nil)
	if name == "-" {
		name = "stdin"
		b, err = io.ReadAll(a.env.In)
	} else {
		b, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, hint.New(cmdutil.FileError(name, err), "pass the CA file of the registry's certificate, or --from-server")
	}
	certs, warnings, err := trust.ParseCA(b, a.env.Now())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, w := range warnings {
		a.env.Warn("%s: %s", name, w)
	}
	return certs, nil
}

// writeTrust carries out what trust add and trust remove have come to.
func writeTrust(ctx context.Context, e *cmdutil.Env, where *trustFlags, change *pipeline.ChangeFlags, place trust.Place, files []trust.File) error {
	root := host.Root(where.root)
	results, err := change.Runner(e).Run(ctx, connect.FileChanges(root, files, place.User))
	if err != nil {
		if place.User {
			return cmdutil.MayNot(err, "check the owner: ls -ld "+hint.Quote(place.Home)+"/.config/*/certs.d")
		}
		return cmdutil.MayNot(err, connect.AsRoot(e)+", or add --user for the files of this user alone")
	}
	return follow(ctx, e, root, files, results, change.Dry())
}

// sameFingerprint compares SHA-256 fingerprints however they are written.
func sameFingerprint(a, b string) bool {
	plain := func(s string) string {
		s = strings.ToLower(strings.TrimSpace(s))
		if i := strings.LastIndexAny(s, "= "); i >= 0 { // openssl's "sha256 Fingerprint=AB:CD"
			s = s[i+1:]
		}
		return strings.ReplaceAll(strings.TrimPrefix(s, "sha256:"), ":", "")
	}
	return plain(a) != "" && plain(a) == plain(b)
}
