package login

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster/identity"
	"github.com/regctl/regctl/internal/oauth"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// credential is the user's of the command line, else the kubeconfig's.
func (l *loginFlags) credential(cmd *cobra.Command, env *cmdutil.Env, host string) (credentials.Credential, error) {
	given := cmd.Flags().Changed
	if given("email") {
		fmt.Fprintln(env.Err, "Flag --email has been deprecated, will be ignored")
	}
	switch {
	case given("password") && l.stdin:
		return credentials.Credential{}, hint.BadUsage(errors.New("--password cannot be used with --password-stdin"), "omit --password")
	case !given("username") && (given("password") || l.stdin):
		return credentials.Credential{}, hint.BadUsage(errors.New("a password requires a user name"), "add -u USER")
	}
	if given("password") {
		fmt.Fprintln(env.Err, "WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
	}
	if l.cluster.asked(cmd, host) {
		return l.atCluster(cmd, env)
	}
	if !given("username") {
		c, err := l.token(cmd.Context(), env)
		if ask := err != nil && l.mayAsk(cmd, env, err); !ask {
			return c, err
		}
		if host == "" {
			return l.atCluster(cmd, env)
		}
		if err := l.promptUser(env, host); err != nil {
			return c, err
		}
	}
	return l.forRegistry(cmd, env, host)
}

// forRegistry is a user name and a password, or, for a registry that takes tokens only, what the
// cluster gives for them. A token that is there already is not used: who names a user
// has not asked for it to be shown to this registry.
func (l *loginFlags) forRegistry(cmd *cobra.Command, env *cmdutil.Env, host string) (c credentials.Credential, err error) {
	c = credentials.Credential{Username: l.user, Password: l.password}
	if err := c.CheckName(); err != nil {
		return c, err
	}
	prompt := "Password: "
	tokens := l.takesTokens(cmd.Context(), env, host)
	if target, err := identity.ResolveTarget(l.kube, env.Getenv, l.cluster.server); tokens && err == nil {
		prompt = "Password at " + target.URL() + ", or a token: "
	}
	if !cmd.Flags().Changed("password") {
		if c.Password, err = env.Password(prompt, l.stdin); err != nil {
			return c, err
		}
	}
	if err := c.Check(); err != nil || !tokens || oauth.LooksLikeToken(c.Password) || l.isOwnToken(cmd.Context(), env, c.Password) {
		return c, err
	}
	env.Say("%s is an OpenShift registry, which accepts only tokens: requesting one from the cluster", host)
	l.password = c.Password
	return l.atCluster(cmd, env)
}

// isOwnToken tells whether a password is the token of the kubeconfig, whatever that looks like: -p $(regctl whoami -t).
func (l *loginFlags) isOwnToken(ctx context.Context, env *cmdutil.Env, password string) bool {
	k, err := l.kube.Open(env.Getenv)
	if err != nil {
		return false
	}
	token, err := identity.Token(ctx, k, env.Now())
	return err == nil && token == password
}

// mayAsk tells whether a user name is to be asked for, as docker does: there is a terminal,
// and no kubeconfig, or nobody's token in it.
func (l *loginFlags) mayAsk(cmd *cobra.Command, env *cmdutil.Env, err error) bool {
	given := cmd.Flags().Changed
	if _, tty := cmdutil.Terminal(env.In); !tty {
		return false
	}
	if errors.Is(err, identity.ErrNoToken) {
		env.Say("note: %v", err)
		return true
	}
	_, unread := l.kube.Open(env.Getenv)
	return unread != nil && !given("kubeconfig") && !given("context") && !given("config")
}

// promptUser asks for the user name on the terminal.
func (l *loginFlags) promptUser(env *cmdutil.Env, at string) error {
	if _, tty := cmdutil.Terminal(env.In); !tty {
		return hint.BadUsage(fmt.Errorf("%s: a user name is required, and there is no terminal to prompt for it", at), "add -u USER, or --token TOKEN")
	}
	fmt.Fprint(env.Err, "Username: ")
	line, err := env.UnlessInterrupted(func() (string, error) { return cmdutil.ReadLine(env.In) })
	l.user = strings.TrimSpace(line)
	if err != nil && l.user == "" {
		fmt.Fprintln(env.Err)
		return err
	}
	return nil
}

// token is the credential of a cluster's user. Registries that take tokens look at nothing else.
func (l *loginFlags) token(ctx context.Context, env *cmdutil.Env) (credentials.Credential, error) {
	k, err := l.kube.Open(env.Getenv)
	if err != nil {
		return credentials.Credential{}, hint.New(err, hint.Of(err)+"; to log in without a cluster: add -u USER")
	}
	l.owner = k
	token, err := identity.Token(ctx, k, env.Now())
	return credentials.Credential{Username: tokenUser, Password: token}, err
}
