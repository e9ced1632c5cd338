// Package serve has the command that runs a registry server, and those about its users.
package serve

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/printable"
	"github.com/regctl/regctl/internal/serve"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/registry"
	"github.com/spf13/cobra"
)

// New returns the command serve with its subcommands.
func New(env *cmdutil.Env) *cobra.Command {
	var s serve.Settings
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run a secured registry on this machine",
		Long: `Run a registry on this machine until it is interrupted.

Without flags it listens on 127.0.0.1:5000 over TLS. On first use it creates a CA, a
certificate for localhost, the host name and every address of the machine, and a user
with a password, in the root directory ($XDG_DATA_HOME/regctl). Docker, Podman and
regctl of the user who runs it trust the CA and are logged in.

Images are stored as distribution's registry stores them, so --root can name the volume
of an existing registry. --storage names another place:

` + storageHelp() + `
endpoint is a server other than the cloud's; redirect=true sends clients there for pulls.

Flags override REGISTRY_* variables, and these override the config.yml of --config,
which is distribution's.

On SIGTERM or Ctrl-C it stops when running pushes and pulls have finished, with exit status
0; if they were cut off (http.draintimeout, 30s), with 143 or 130.`,
		Example: `  regctl serve
  regctl serve --addr :5000 --hostnames registry.example.com
  regctl serve --root /srv/registry --read-only`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve.Run(cmd.Context(), s, world(env)) },
	}
	serveFlags(cmd, &s)
	cmd.AddCommand(newServeUser(env))
	return cmd
}

// storageHelp lists the kinds of storage, with the source of their credentials.
func storageHelp() string {
	var text strings.Builder
	for _, kind := range registry.StorageKinds() {
		fmt.Fprintf(&text, "  %s\n", kind.Form)
		if kind.Keys != "" {
			fmt.Fprintf(&text, "      %s\n", kind.Keys)
		}
	}
	return text.String()
}

func serveFlags(cmd *cobra.Command, s *serve.Settings) {
	f := cmd.Flags()
	f.StringVar(&s.Addr, "addr", "", "listen `address`; \":5000\" is all addresses (default 127.0.0.1:5000)")
	f.StringVar(&s.Root, "root", "", "`directory` of images, CA, certificate and users (default $XDG_DATA_HOME/regctl)")
	f.StringVar(&s.Storage, "storage", "", "`URL` of the storage for images, see above (default the root directory)")
	f.StringVar(&s.TLSCert, "tls-cert", "", "PEM `file` with the certificate and its chain; renewed files are reloaded")
	f.StringVar(&s.TLSKey, "tls-key", "", "PEM `file` with its key")
	f.StringSliceVar(&s.Hostnames, "hostnames", nil, "more `names` for the generated certificate")
	f.BoolVar(&s.NoTLS, "no-tls", false, "serve plain HTTP (only on loopback, or with --insecure)")
	f.BoolVar(&s.Insecure, "insecure", false, "allow --no-tls on addresses that other machines can reach")
	auth := cmdutil.EnumFlag(cmd, "auth", "", "", "authentication: htpasswd or none (default htpasswd)", "none", "htpasswd")
	f.StringVar(&s.Htpasswd, "htpasswd", "", "`file` of users with bcrypt passwords (default htpasswd in the root directory)")
	f.BoolVar(&s.ReadOnly, "read-only", false, "reject pushes and deletions")
	f.StringVar(&s.Proxy, "proxy", "", "cache pulls from the registry at this `URL`; pushes are refused")
	f.StringVar(&s.CA, "ca", "", "PEM `file` of a CA to trust for S3 and the proxied registry")
	f.StringVar(&s.MetricsAddr, "metrics-addr", "", "`address` that serves /metrics without authentication")
	f.StringVar(&s.Config, "config", "", "`file` in the format of distribution's config.yml")
	trust := cmdutil.EnumFlag(cmd, "trust", "", "auto", "where to install the CA: user, system, none, or auto (system for root)", "auto", "user", "system", "none")
	format := cmdutil.EnumFlag(cmd, "log-format", "", "", "log format: text or json (default text)", "text", "json")
	cmd.PreRun = func(*cobra.Command, []string) { s.Auth, s.Trust, s.LogFormat = auth.Value, trust.Value, format.Value }
}

// world is the machine and its user, for the server.
func world(e *cmdutil.Env) serve.World {
	hostname, _ := os.Hostname() // without one the certificate has a name less
	level := e.Level
	if e.Quiet {
		level = -1
	}
	return serve.World{
		User: credentials.Env{Getenv: e.Getenv, UID: e.UID}, Data: filepath.Join(e.DataHome(), "regctl"),
		Hostname: hostname, Program: cmdutil.Program(), Now: e.Now, Rand: e.Rand,
		Log: e.Err, Level: level, Say: keep(e), Warn: e.Warn, Trust: func(ctx context.Context, hosts []string, ca []byte, scope string) ([]string, error) {
			return trustFor(ctx, e, hosts, ca, scope)
		},
	}
}

// keep prints lines that the user needs later, unless -q was given twice.
func keep(e *cmdutil.Env) func(format string, args ...any) {
	return func(format string, args ...any) {
		if !e.Silent {
			fmt.Fprintln(e.Err, e.Runnable(printable.Text(fmt.Sprintf(format, args...))))
		}
	}
}

// trustFor writes the trust files of hosts in the user's or the system's folders; auto is the system's for root.
func trustFor(ctx context.Context, e *cmdutil.Env, hosts []string, ca []byte, scope string) ([]string, error) {
	return connect.TrustHost(ctx, e, hosts, ca, scope == "system" || scope == "auto" && e.UID == 0)
}
