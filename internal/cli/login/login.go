// Package login has the commands that log in to registries and clusters, and the credential helper.
package login

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/pipeline"
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
	cluster                 clusterLogin
	owner                   *cluster.Context // of the token; nil with a password
}

// NewLogin returns the command login.
func NewLogin(env *cmdutil.Env) *cobra.Command {
	l := &loginFlags{}
	cmd := &cobra.Command{
		Use:   "login [HOST[:PORT]]",
		Short: "Log in to a registry, and to an OpenShift cluster",
		Long: `Log in to a registry, for docker, podman, skopeo and regctl. The command tests the
credentials at the registry, then saves them in docker's config.json (or its credential
helper) and in the auth.json of podman, skopeo and buildah.

Credentials (details: docs/login.md):
  -u USER             a user name, and a password from --password-stdin or a prompt
  without -u          the token of the current kubeconfig context
  --service-account   a token of a service account that expires after --duration.
                      --create creates the account, --grant grants it permission,
                      --helper lets docker and podman request fresh tokens

OpenShift:
  HOST omitted        the cluster's registry. -u, --server and --token also log in to
                      the cluster, as "oc login" does
  HOST of OpenShift   accepts only tokens: the cluster's OAuth server exchanges the
                      password for a token, which the kubeconfig stores

The files are readable only by you, but not encrypted.`,
		Example: `  echo secret | regctl login localhost:5000 -u alice --password-stdin
  regctl login localhost:5000 --to containers`,
		Args:              hostOrCluster,
		ValidArgsFunction: connect.KnownHosts(env),
	}
	f := cmd.Flags()
	f.StringVarP(&l.user, "username", "u", "", "`user` name")
	f.BoolVar(&l.stdin, "password-stdin", false, "read the password from stdin")
	f.StringVarP(&l.password, "password", "p", "", "`password`, visible to all users; prefer --password-stdin")
	f.StringVarP(&l.email, "email", "e", "", "ignored")
	_ = f.MarkHidden("email") // the only failure is a flag that does not exist
	f.StringVar(&l.to, "to", "all", "save to docker, containers, all, or the `FILE` at this path")
	f.StringVar(&l.ca, "ca", "", "trust the CA in this `file`, in addition to the trust files")
	f.BoolVar(&l.insecure, "insecure", false, "skip certificate verification and allow plain HTTP")
	f.BoolVar(&l.noTest, "skip-check", false, "save the credentials without testing them")
	l.cluster.add(cmd) // first: its --server and --token are those that "oc login" has
	pipeline.KubeFlags(env, cmd, &l.kube)
	_ = cmd.RegisterFlagCompletionFunc("to", cobra.FixedCompletions([]string{"all", "docker", "containers"}, cobra.ShellCompDirectiveDefault))
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return l.run(cmd, env, strings.Join(args, "")) }
	addServiceAccount(env, cmd, l)
	return cmd
}

// oneHost is the argument check of login and logout.
func oneHost(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return hint.BadUsage(errors.New("HOST[:PORT] is required"), cmd.CommandPath()+" localhost:5000")
	}
	return cobra.ExactArgs(1)(cmd, args)
}

// hostOrCluster is the argument check of login: only a cluster's registry can be found without its name.
func hostOrCluster(cmd *cobra.Command, args []string) error {
	return cobra.MaximumNArgs(1)(cmd, args)
}

func (l *loginFlags) run(cmd *cobra.Command, env *cmdutil.Env, host string) error {
	if err := l.cluster.check(cmd); err != nil {
		return err
	}
	files, err := l.files(cmd, env, host)
	if err != nil {
		return err
	}
	c, err := l.credential(cmd, env, host)
	if err != nil {
		return err
	}
	err = l.enter(cmd.Context(), env, files, host, c)
	if err != nil && host == "" && l.cluster.kept && cmd.Context().Err() == nil {
		env.Warn("logged in to the cluster, but not to its registry: %v", err)
		if advice := hint.Of(connect.Advise(err)); advice != "" {
			env.Say("hint: %s", advice)
		}
		return nil
	}
	return err
}

// files finds what is wrong with the host and with the files before a password is asked for.
func (l *loginFlags) files(cmd *cobra.Command, env *cmdutil.Env, host string) ([]credentials.File, error) {
	if host == "" && !l.cluster.asked(cmd, host) {
		if _, err := l.kube.Open(env.Getenv); err != nil && !l.kube.Given() {
			return nil, oneHost(cmd, nil)
		}
	}
	if host != "" {
		if _, err := trust.ParseHost(host); err != nil {
			return nil, l.orCluster(host, retype(cmd, l.user, err))
		}
	}
	files, err := credentials.Targets(connect.Credentials(env), l.to)
	if err != nil || host == "" {
		return files, err
	}
	return files, credentials.Ready(files, host)
}

// orCluster adds what to type for a cluster where its URL was given as the registry, as "oc login" takes it.
func (l *loginFlags) orCluster(host string, err error) error {
	server, secure := strings.CutPrefix(host, "https://")
	server = strings.TrimSuffix(server, "/")
	if !secure || strings.Contains(server, "/") {
		return err
	}
	user := " --token TOKEN"
	if l.cluster.token == "" {
		user = " -u " + hint.Quote(cmp.Or(l.user, "USER"))
	}
	return hint.BadUsage(err, "to log in to a cluster: regctl login --server "+hint.Quote("https://"+server)+user+"; to a registry: "+hint.Of(err))
}

// enter shows the credentials to the registry, which is looked for where it has no name, and saves them.
func (l *loginFlags) enter(ctx context.Context, env *cmdutil.Env, files []credentials.File, host string, c credentials.Credential) (err error) {
	if host == "" {
		r, err := connect.Discover(ctx, env, l.kube)
		if err == nil {
			err = trusted(env, r)
		}
		if err != nil {
			return err
		}
		host = r.Host
		if err := credentials.Ready(files, host); err != nil {
			return err
		}
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

func (l *loginFlags) save(env *cmdutil.Env, files []credentials.File, host string, c credentials.Credential) error {
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
