package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

// loginFlags are what was asked for on the command line.
type loginFlags struct {
	user, password, email   string
	to, ca                  string
	stdin, insecure, noTest bool
	kube                    kubeFlags
	owner                   *kubeContext // of the token; nil with -u
}

func newLogin(env *Env) *cobra.Command {
	l := &loginFlags{}
	cmd := &cobra.Command{
		Use:   "login HOST[:PORT]",
		Short: "Log in to a registry",
		Long: `Log in to a registry, so that docker, podman, skopeo and regctl may use it.

With -u: a user name, and a password from --password-stdin or a prompt; no
cluster is needed. Without -u: the token of the current kubeconfig context, as
"oc registry login" does.

The credentials are shown to the registry first. Where it takes them they are
saved in docker's config.json (or the credential helper that it names) and in
the auth.json of podman, skopeo and buildah; --to writes only one of them. The
files are for you alone to read, but not encrypted; a credential helper is.`,
		Example: `  echo secret | regctl login localhost:5000 -u alice --password-stdin
  regctl login localhost:5000 --to containers`,
		Args:              oneHost,
		ValidArgsFunction: env.knownHosts,
	}
	f := cmd.Flags()
	f.StringVarP(&l.user, "username", "u", "", "the `user` name at the registry")
	f.BoolVar(&l.stdin, "password-stdin", false, "read the password from stdin")
	f.StringVarP(&l.password, "password", "p", "", "the `password`, for everyone on this machine to see; use --password-stdin")
	f.StringVarP(&l.email, "email", "e", "", "ignored")
	_ = f.MarkHidden("email") // the only failure is a flag that does not exist
	f.StringVar(&l.to, "to", "all", "save in docker's file, in containers', in all, or in the `FILE` of this path")
	f.StringVar(&l.ca, "ca", "", "believe the CA in this `file`, besides the system's and the trust folders'")
	f.BoolVar(&l.insecure, "insecure", false, "do not check the registry's certificate, and allow plain HTTP")
	f.BoolVar(&l.noTest, "skip-check", false, "save without asking the registry")
	l.kube.add(env, cmd)
	_ = cmd.RegisterFlagCompletionFunc("to", cobra.FixedCompletions([]string{"all", "docker", "containers"}, cobra.ShellCompDirectiveDefault))
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return l.run(cmd, env, args[0]) }
	return cmd
}

// oneHost is the argument check of login and logout.
func oneHost(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return hint.BadUsage(errors.New("which registry? HOST[:PORT] is missing"), cmd.CommandPath()+" localhost:5000")
	}
	return cobra.ExactArgs(1)(cmd, args)
}

func (l *loginFlags) run(cmd *cobra.Command, env *Env, host string) error {
	ctx := cmd.Context()
	if _, err := trust.ParseHost(host); err != nil {
		return retype(cmd, l.user, err)
	}
	files, err := credentials.Targets(env.credentials(), l.to)
	if err != nil {
		return err
	}
	if err := credentials.Ready(files, host); err != nil {
		return err
	}
	c, err := l.credential(cmd, env)
	if err != nil {
		return err
	}
	if !l.noTest {
		if err := l.check(ctx, env, host, c); err != nil {
			return err
		}
	}
	return l.save(env, files, host, c)
}

// retype makes a command of the right spelling of a host.
func retype(cmd *cobra.Command, user string, err error) error {
	fixed, ok := strings.CutPrefix(hint.Of(err), "write it as ")
	if !ok {
		return err
	}
	if user != "" {
		fixed += " -u " + user
	}
	return hint.New(err, cmd.CommandPath()+" "+fixed)
}

// credential is the user's of the command line, else the kubeconfig's.
func (l *loginFlags) credential(cmd *cobra.Command, env *Env) (credentials.Credential, error) {
	given := cmd.Flags().Changed
	if given("email") {
		fmt.Fprintln(env.Err, "Flag --email has been deprecated, will be ignored")
	}
	c := credentials.Credential{Username: l.user, Password: l.password}
	switch {
	case given("password") && l.stdin:
		return c, hint.BadUsage(errors.New("--password and --password-stdin exclude each other"), "leave out --password")
	case !given("username") && (given("password") || l.stdin):
		return c, hint.BadUsage(errors.New("a password, but no user name"), "add -u USER")
	case !given("username"):
		return l.token(cmd.Context(), env)
	}
	if err := c.CheckName(); err != nil {
		return c, err
	}
	if given("password") {
		fmt.Fprintln(env.Err, "WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
		return c, c.Check()
	}
	var err error
	if c.Password, err = env.ask(cmd.Context(), "Password: ", l.stdin); err != nil {
		return c, err
	}
	return c, c.Check()
}

// token is the credential of a cluster's user. Registries that take tokens look
// at nothing else; "user" is what "oc registry login" sends, and unlike kube:admin it has no colon.
func (l *loginFlags) token(ctx context.Context, env *Env) (credentials.Credential, error) {
	k, err := env.kube(&l.kube)
	if err != nil {
		return credentials.Credential{}, hint.New(err, hint.Of(err)+"; with a password no cluster is needed: add -u USER")
	}
	l.owner = k
	token, err := k.token(ctx, env.Now())
	return credentials.Credential{Username: "user", Password: token}, err
}

func (l *loginFlags) check(ctx context.Context, env *Env, host string, c credentials.Credential) error {
	t, err := env.transport(host, l.ca, l.insecure)
	if err != nil {
		return err
	}
	defer t.CloseIdleConnections()
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	open, err := credentials.Check(ctx, host, c, t, l.insecure)
	if open {
		env.Say("note: %s asks for no login, so the credentials are not proven", host)
	}
	return l.explain(host, err)
}

func (l *loginFlags) explain(host string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return hint.Errorf("check the host and the port; --skip-check saves without asking", "%s: no answer", host)
	}
	if errors.Is(err, credentials.ErrRefused) && l.owner != nil {
		return hint.NotAllowed(fmt.Errorf("%s: the registry refused the token of %s", host, l.owner), "it may have expired: "+l.owner.again())
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok && !l.insecure {
		return hint.New(explainTLS(host, err), "--insecure sends the password over plain HTTP, for all on the way to read")
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return hint.New(explainTLS(host, err), "check the host and the port, and that the registry runs")
	}
	return explainTLS(host, err)
}

func (l *loginFlags) save(env *Env, files []credentials.File, host string, c credentials.Credential) error {
	where, err := credentials.Store(files, host, c)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Note != "" {
			env.Say("note: %s", f.Note)
		}
	}
	env.Say("Login succeeded: %s at %s, saved in %s", c.Username, host, strings.Join(where, " and "))
	return nil
}
