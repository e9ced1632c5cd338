package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

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
		ask, err := l.askUser(cmd, env)
		if err != nil {
			return c, err
		}
		if !ask {
			return l.token(cmd.Context(), env)
		}
		c.Username = l.user
	}
	if err := c.CheckName(); err != nil {
		return c, err
	}
	if given("password") {
		fmt.Fprintln(env.Err, "WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
		return c, c.Check()
	}
	var err error
	if c.Password, err = env.Password("Password: ", l.stdin); err != nil {
		return c, err
	}
	return c, c.Check()
}

// askUser asks for a user name, as docker does, where there is a terminal and no
// kubeconfig that could say who the user is.
func (l *loginFlags) askUser(cmd *cobra.Command, env *Env) (asked bool, err error) {
	given := cmd.Flags().Changed
	if _, tty := terminal(env.In); !tty || given("kubeconfig") || given("context") || given("config") {
		return false, nil
	}
	if _, err := l.kube.Open(env.Getenv); err == nil {
		return false, nil
	}
	fmt.Fprint(env.Err, "Username: ")
	line, err := env.unlessInterrupted(func() (string, error) { return readLine(env.In) })
	l.user = strings.TrimSpace(line)
	if err != nil && l.user == "" {
		fmt.Fprintln(env.Err)
		return true, err
	}
	return true, nil
}

// token is the credential of a cluster's user. Registries that take tokens look
// at nothing else; "user" is what "oc registry login" sends, and unlike kube:admin it has no colon.
func (l *loginFlags) token(ctx context.Context, env *Env) (credentials.Credential, error) {
	k, err := l.kube.Open(env.Getenv)
	if err != nil {
		return credentials.Credential{}, hint.New(err, hint.Of(err)+"; with a password no cluster is needed: add -u USER")
	}
	l.owner = k
	token, err := k.Token(ctx, env.Now())
	return credentials.Credential{Username: "user", Password: token}, err
}
