package cli

import (
	"errors"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
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
	kube                    cluster.Config
	owner                   *cluster.Context // of the token; nil with -u
}

func newLogin(env *Env) *cobra.Command {
	l := &loginFlags{}
	cmd := &cobra.Command{
		Use:   "login HOST[:PORT]",
		Short: "Log in to a registry",
		Long: `Log in to a registry, so that docker, podman, skopeo and regctl may use it.

With -u: a user name, and a password from --password-stdin or a prompt; no
cluster is needed. Without -u: the token of the current kubeconfig context, as
"oc registry login" does; on a terminal without a kubeconfig the name is asked for.

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
	kubeFlags(env, cmd, &l.kube)
	_ = cmd.RegisterFlagCompletionFunc("to", cobra.FixedCompletions([]string{"all", "docker", "containers"}, cobra.ShellCompDirectiveDefault))
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return l.run(cmd, env, args[0]) }
	addServiceAccount(env, cmd, l)
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
