package login

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cluster/identity"
	"github.com/regctl/regctl/internal/discover"
	"github.com/regctl/regctl/internal/oauth"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// clusterLogin are the flags of a login at an OpenShift cluster, by the names that "oc login" gives them.
type clusterLogin struct {
	server identity.Server
	token  string
	kept   bool // the login to the cluster is done
}

func (c *clusterLogin) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.server.URL, "server", "", "log in to the cluster with this API server `URL` (default: the context's)")
	f.StringVar(&c.token, "token", "", "log in to the cluster with this `token`, visible to all users; - reads stdin")
	f.StringVar(&c.server.CAFile, "certificate-authority", "", "`file` with the CA of the API server")
	f.BoolVar(&c.server.Insecure, "insecure-skip-tls-verify", false, "skip verification of the API server; saved in the kubeconfig")
}

// asked tells whether the command line is about the cluster, and not about a registry alone.
func (c *clusterLogin) asked(cmd *cobra.Command, host string) bool {
	given := cmd.Flags().Changed
	return given("server") || given("token") || host == "" && given("username")
}

// check finds flags that do not go together.
func (c *clusterLogin) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	switch {
	case given("token") && (given("username") || given("password") || given("password-stdin")):
		return hint.BadUsage(errors.New("--token cannot be used with a user name or password"), "omit --token")
	case given("server") && given("context"):
		return hint.BadUsage(errors.New("--server cannot be used with --context"), "omit --context")
	case given("server") && c.server.URL == "", given("token") && c.token == "":
		return hint.BadUsage(errors.New("--server and --token must not be empty"), "regctl login --server https://API-SERVER:6443 -u USER")
	case (given("certificate-authority") || given("insecure-skip-tls-verify")) && !given("server"):
		return hint.BadUsage(errors.New("--certificate-authority and --insecure-skip-tls-verify require --server; for the registry use --ca and --insecure"), "add --server URL")
	}
	return nil
}

// atCluster logs in to the cluster with --token, or with the user name and password,
// and keeps the result in the kubeconfig. What comes back is for the cluster's registry.
func (l *loginFlags) atCluster(cmd *cobra.Command, env *cmdutil.Env) (credentials.Credential, error) {
	target, err := identity.ResolveTarget(l.kube, env.Getenv, l.cluster.server)
	if err != nil {
		return credentials.Credential{}, err
	}
	if target.Insecure() {
		env.Warn("%s: the certificate is not verified", target.URL())
	}
	if cmd.Flags().Changed("token") {
		token, err := l.givenToken(env)
		if err != nil {
			return credentials.Credential{}, err
		}
		return l.keep(cmd.Context(), env, target, token)
	}
	if c, ok := l.reuse(cmd, env, target); ok {
		return c, nil
	}
	if err := l.askPassword(env, target.URL()); err != nil {
		return credentials.Credential{}, err
	}
	token, err := l.oauthToken(cmd.Context(), env, target)
	if err != nil {
		return credentials.Credential{}, err
	}
	return l.keep(cmd.Context(), env, target, token)
}

func (l *loginFlags) givenToken(env *cmdutil.Env) (string, error) {
	if l.cluster.token == "-" {
		token, err := env.Password("", true)
		return strings.TrimSpace(token), err
	}
	fmt.Fprintln(env.Err, "WARNING! Using --token via the CLI is insecure. Use --token -.")
	return l.cluster.token, nil
}

// reuse takes the token that the kubeconfig has for this very user, as "oc login" does
// where no password is given.
func (l *loginFlags) reuse(cmd *cobra.Command, env *cmdutil.Env, target *identity.Target) (credentials.Credential, bool) {
	if l.stdin || l.password != "" || cmd.Flags().Changed("password") || cmd.Flags().Changed("server") {
		return credentials.Credential{}, false
	}
	k, err := l.kube.Open(env.Getenv)
	if err != nil || identity.Kept(k) == "" || k.Server() != target.URL() {
		return credentials.Credential{}, false
	}
	id, err := identity.WhoAmI(cmd.Context(), k)
	if err != nil || id.User != l.user {
		return credentials.Credential{}, false
	}
	env.Say("Logged in to %s as %s by the token of %s", target.URL(), id.User, k)
	l.owner, l.cluster.kept = k, true
	return credentials.Credential{Username: tokenUser, Password: identity.Kept(k)}, true
}

// askPassword makes sure that there is a user name that the cluster can take, and a password.
func (l *loginFlags) askPassword(env *cmdutil.Env, server string) (err error) {
	if l.user == "" {
		if err := l.promptUser(env, server); err != nil {
			return err
		}
	}
	switch {
	case l.user == "kube:admin":
		return hint.BadUsage(errors.New("user name kube:admin: log in as kubeadmin"), "use -u kubeadmin")
	case strings.HasPrefix(l.user, "system:"):
		return hint.BadUsage(fmt.Errorf("user name %s: system users have neither a password nor a token, which a registry requires", l.user), userOrAccount)
	}
	c := credentials.Credential{Username: l.user, Password: l.password}
	if err := c.CheckName(); err != nil {
		return err
	}
	if l.password != "" {
		return c.Check()
	}
	if l.password, err = env.Password("Password for "+l.user+" at "+server+": ", l.stdin); err != nil {
		return err
	}
	c.Password = l.password
	return c.Check()
}

const userOrAccount = "log in as a user: regctl login -u USER; or as a service account: regctl login HOST --service-account NAME"

func (l *loginFlags) oauthToken(ctx context.Context, env *cmdutil.Env, target *identity.Target) (string, error) {
	toAPI, toOAuth, err := target.Ways()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, loginPatience)
	defer cancel()
	s := oauth.Server{API: target.URL(), APIway: toAPI, Way: toOAuth, Rand: env.Rand, Plain: strings.HasPrefix(target.URL(), "http://")}
	token, err := s.Token(ctx, l.user, l.password)
	switch {
	case errors.Is(err, oauth.ErrRefused):
		return "", hint.New(err, "try again: regctl login -u "+hint.Quote(l.user)+l.serverWords())
	case errors.Is(err, context.DeadlineExceeded):
		return "", hint.Errorf("check the address, and that the cluster is running", "%s: no answer", target.URL())
	}
	return token, explainCluster(target.URL(), err)
}

// loginPatience is for all of a login's requests together; who knows the user may be asked elsewhere.
const loginPatience = time.Minute

func (l *loginFlags) serverWords() string {
	if l.cluster.server.URL == "" {
		return ""
	}
	return " --server " + hint.Quote(l.cluster.server.URL)
}

// explainCluster says what to do about a certificate that is not believed; the registry's trust folders have no say in it.
func explainCluster(server string, err error) error {
	if t, ok := errors.AsType[*connect.TlsError](connect.ExplainTLS(server, err)); ok {
		return hint.New(fmt.Errorf("%s: %s", server, t.Reason), "add the CA of the cluster: regctl login --server "+server+" --certificate-authority FILE")
	}
	return err
}

// keep asks who has the token, and writes the login into the kubeconfig.
func (l *loginFlags) keep(ctx context.Context, env *cmdutil.Env, target *identity.Target, token string) (credentials.Credential, error) {
	c := credentials.Credential{Username: tokenUser, Password: token}
	if err := c.Check(); err != nil {
		return c, err
	}
	k := target.As(token)
	id, err := identity.WhoAmI(ctx, k)
	if err != nil {
		if hint.CodeOf(err) == hint.Denied {
			err = hint.NotAllowed(fmt.Errorf("%s: the token is invalid or has expired", target.URL()), "regctl login -u USER"+l.serverWords())
		}
		return c, explainCluster(target.URL(), err)
	}
	namespace := target.Namespace(ctx, k)
	name, err := target.Save(ctx, env.Getenv, id.User, token, namespace)
	if err != nil {
		return c, err
	}
	env.Say("Logged in to %s as %s, in project %s: context %s", target.URL(), id.User, namespace, name)
	l.kube, l.cluster.kept = l.kube.WithContext(name), true
	l.owner, err = l.kube.Open(env.Getenv)
	return c, err
}

// tokenUser is the name beside a token, at which no registry looks. It is what "oc registry
// login" sends, and has no colon, unlike kube:admin.
const tokenUser = "user"

// takesTokens tells whether the registry is an OpenShift's own, so that a password that
// is no token is meant for the cluster. Nothing secret is sent.
func (l *loginFlags) takesTokens(ctx context.Context, env *cmdutil.Env, host string) bool {
	t, err := connect.Transport(env, host, l.ca, l.insecure)
	if err != nil || l.noTest {
		return false
	}
	defer t.CloseIdleConnections()
	return connect.IsOpenShift(ctx, t, host)
}

// trusted asks before a registry that anybody with rights in the namespace may have made is shown a token of the user.
func trusted(e *cmdutil.Env, r discover.Registry) error {
	if !r.Own {
		return nil
	}
	if _, tty := cmdutil.Terminal(e.In); !tty {
		return hint.BadUsage(fmt.Errorf("%s is the registry of a namespace, not the cluster's: users who can edit it would see your token", r.Host), "if you trust it: regctl login "+r.Host)
	}
	return e.Confirm(fmt.Sprintf("%s is the registry of a namespace, not the cluster's: users who can edit it will see your token. Continue?", r.Host), r.Host)
}
