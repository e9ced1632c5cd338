// Package serve has the command that runs a registry server, and those about its users.
package serve

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/printable"
	"github.com/regctl/regctl/internal/serve"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/spf13/cobra"
)

func New(env *cmdutil.Env) *cobra.Command {
	var s serve.Settings
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run a registry on this machine, secured, trusted and logged in",
		Long: `Run a registry on this machine until it is interrupted.

With no flags it listens on 127.0.0.1:5000 over TLS. What is missing is made on
first use and kept below the root folder ($XDG_DATA_HOME/regctl): a CA, a
certificate for localhost, the host name and every address, and a user with a
password. The user who runs it trusts the CA and is logged in, for docker, podman
and regctl alike.

Images are stored as distribution's registry stores them, so --root may name the
volume of an old registry. In S3 they are with --storage 's3://BUCKET/PREFIX?region=R';
its keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, &endpoint=https://HOST
names another server than Amazon's, &redirect=true lets clients fetch from S3 themselves.

Every key of distribution's configuration can be set by --config and by REGISTRY_*
variables; a flag wins over both.

SIGTERM lets running pushes and pulls finish.`,
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

func serveFlags(cmd *cobra.Command, s *serve.Settings) {
	f := cmd.Flags()
	f.StringVar(&s.Addr, "addr", "", "`host:port` to listen on; \":5000\" is every address of the machine (default 127.0.0.1:5000)")
	f.StringVar(&s.Root, "root", "", "`folder` of images, CA, certificate and users (default $XDG_DATA_HOME/regctl)")
	f.StringVar(&s.Storage, "storage", "", "`URL` of the images: file:///DIR, s3://BUCKET/PREFIX?region=R&endpoint=URL, memory: (default the root folder)")
	f.StringVar(&s.TLSCert, "tls-cert", "", "PEM `file` of the certificate and its chain; renewed files are taken up without a restart")
	f.StringVar(&s.TLSKey, "tls-key", "", "PEM `file` of its key")
	f.StringSliceVar(&s.Hostnames, "hostnames", nil, "more `names` that clients use, for the certificate that is made")
	f.BoolVar(&s.NoTLS, "no-tls", false, "serve plain HTTP; only on loopback, or with --insecure; a certificate in the configuration wins")
	f.BoolVar(&s.Insecure, "insecure", false, "allow --no-tls where other machines can reach the registry")
	auth := cmdutil.EnumFlag(cmd, "auth", "", "", "who may come in: none (everyone) or htpasswd (default htpasswd)", "none", "htpasswd")
	f.StringVar(&s.Htpasswd, "htpasswd", "", "`file` of users with bcrypt passwords (default htpasswd in the root folder)")
	f.BoolVar(&s.ReadOnly, "read-only", false, "refuse pushes and deletions")
	f.StringVar(&s.Proxy, "proxy", "", "cache the registry of this `URL`, which must answer at start: pull through, no pushes")
	f.StringVar(&s.CA, "ca", "", "PEM `file` of a CA to trust for S3 or the proxied registry")
	f.StringVar(&s.MetricsAddr, "metrics-addr", "", "`host:port` that serves /metrics without a password")
	f.StringVar(&s.Config, "config", "", "distribution's config.yml, a YAML `file`")
	trust := cmdutil.EnumFlag(cmd, "trust", "", "auto", "whose trust files are written: user, system, none, or auto (the system's for root)", "auto", "user", "system", "none")
	format := cmdutil.EnumFlag(cmd, "log-format", "", "", "log lines as text or json (default text)", "text", "json")
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
			fmt.Fprintln(e.Err, printable.Text(fmt.Sprintf(format, args...)))
		}
	}
}

// trustFor writes the trust files of hosts in the user's or the system's folders; auto is the system's for root.
func trustFor(ctx context.Context, e *cmdutil.Env, hosts []string, ca []byte, scope string) ([]string, error) {
	return connect.TrustHost(ctx, e, hosts, ca, scope == "system" || scope == "auto" && e.UID == 0)
}
