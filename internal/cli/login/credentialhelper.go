package login

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	protocol "github.com/docker/docker-credential-helpers/credentials"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/serviceaccount"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// NewCredentialHelper returns the command credential-helper with its subcommands.
func NewCredentialHelper(env *cmdutil.Env) *cobra.Command {
	return cmdutil.Family("credential-helper", "Provide docker and podman with fresh tokens of service accounts",
		`Provide docker, podman and other tools with fresh tokens of service accounts. The tools
run the command as docker-credential-regctl, which "install" creates, for each registry
of "regctl login HOST --service-account NAME --helper".

The helper requests a token with the kubeconfig of that login. It uses a token until a
fifth of its lifetime is left, or until it expires if the cluster does not answer. It
stores no passwords. As the protocol requires, errors are printed on stdout.`,
		newHelperGet(env), newHelperStore(env), newHelperErase(env), newHelperList(env), newHelperInstall(env))
}

// AsHelper turns a call as docker-credential-regctl into one of the commands here.
func AsHelper(args []string) []string {
	if filepath.Base(args[0]) != "docker-credential-"+credentials.OwnHelper || len(args) > 1 && args[1] == protocol.ActionVersion {
		return args
	}
	return append([]string{args[0], "credential-helper"}, args[1:]...)
}

// ErrSaid ends the program when all that there is to say has been said, on stdout.
var ErrSaid = errors.New("said on stdout")

func newHelperGet(env *cmdutil.Env) *cobra.Command {
	return helperAction(env, &cobra.Command{
		Use:   protocol.ActionGet,
		Short: "Print the credentials of the registry on stdin",
		Long: `Print the credentials of the registry whose name is on stdin, as JSON. For a registry
without a service account, it prints "credentials not found in native keychain" and
exits with status 1, as docker expects.`,
		Example: `  echo registry.example.com | regctl credential-helper get`,
	})
}

func newHelperStore(env *cmdutil.Env) *cobra.Command {
	return helperAction(env, &cobra.Command{
		Use:   protocol.ActionStore,
		Short: "Reject a password",
		Long: `Reject the credentials on stdin, in JSON: the helper stores no passwords. It accepts only
the token that "get" printed, because docker stores the credentials of each login.`,
		Example: `  echo registry.example.com | regctl credential-helper get | regctl credential-helper store`,
	})
}

func newHelperErase(env *cmdutil.Env) *cobra.Command {
	return helperAction(env, &cobra.Command{
		Use:     protocol.ActionErase,
		Short:   "Remove the service account of the registry on stdin",
		Long:    `Remove the service account and the token of the registry whose name is on stdin.`,
		Example: `  echo registry.example.com | regctl credential-helper erase`,
	})
}

func newHelperList(env *cmdutil.Env) *cobra.Command {
	return helperAction(env, &cobra.Command{
		Use:     protocol.ActionList,
		Short:   "List the registries of service accounts",
		Long:    `List the registries of service accounts and their user names, as JSON.`,
		Example: `  regctl credential-helper list`,
	})
}

// helperAction makes a command of one action of the protocol; the command's name is the action's.
func helperAction(env *cmdutil.Env, cmd *cobra.Command) *cobra.Command {
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, cancel := context.WithTimeout(cmd.Context(), 30*time.Second)
		defer cancel()
		store, err := accounts(env)
		if err == nil {
			h := accountHelper{store, func(host string) (serviceaccount.Token, bool, error) { return tokens(env, store).Token(ctx, host) }}
			err = protocol.HandleCommand(h, cmd.Name(), env.In, env.Out)
		}
		return saidOut(env, err)
	}
	return cmd
}

// saidOut prints an error where the protocol wants it, in one line with its advice.
func saidOut(e *cmdutil.Env, err error) error {
	if err == nil {
		return nil
	}
	err = connect.Advise(err)
	text := err.Error()
	if advice := hint.Of(err); advice != "" {
		text += "; " + advice
	}
	fmt.Fprintln(e.Out, text)
	return &hint.Error{Err: ErrSaid, Code: hint.CodeOf(err)}
}

// accountHelper implements docker's protocol on the store of service accounts.
type accountHelper struct {
	store serviceaccount.Store
	token func(host string) (t serviceaccount.Token, found bool, err error)
}

var _ protocol.Helper = accountHelper{}

// Get gives out a token.
func (h accountHelper) Get(server string) (user, secret string, err error) {
	t, found, err := h.token(credentials.HostOf(server))
	if err == nil && !found {
		err = protocol.NewErrCredentialsNotFound()
	}
	return serviceaccount.Username, t.Token, err
}

// Add refuses all but what Get gave out.
func (h accountHelper) Add(c *protocol.Credentials) error {
	host := credentials.HostOf(c.ServerURL)
	if c.Username == serviceaccount.Username && h.store.Holds(host, c.Secret) {
		return nil
	}
	return hint.Errorf(fmt.Sprintf("remove %q from credHelpers in docker's config.json, or run: regctl login %s -u %s", host, host, c.Username),
		"docker-credential-%s stores no passwords, only tokens of service accounts", credentials.OwnHelper)
}

// Delete forgets a registry. One that is not known is forgotten already.
func (h accountHelper) Delete(server string) error {
	_, err := h.store.Remove(credentials.HostOf(server))
	return err
}

// List names the registries.
func (h accountHelper) List() (map[string]string, error) {
	hosts, err := h.store.Hosts()
	all := map[string]string{}
	for _, host := range hosts {
		all[host] = serviceaccount.Username
	}
	return all, err
}
