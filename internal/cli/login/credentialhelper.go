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

func NewCredentialHelper(env *cmdutil.Env) *cobra.Command {
	return cmdutil.Family("credential-helper", "Give docker and podman fresh tokens of service accounts",
		`Give docker, podman and all that read their files fresh tokens of service accounts: they run
it as docker-credential-regctl, which "install" makes, for each registry of which
"regctl login HOST --service-account NAME --helper" has told them to.

A token is asked for by the kubeconfig of that login, and used again until a fifth of its
life is left. Where the cluster does not answer then, it is used until it ends. Passwords are
not kept here. The protocol is that of docker's credential helpers: errors are on stdout.`,
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
		Short: "Print the credentials of the registry whose name is on stdin",
		Long: `Print the credentials of the registry whose name is on stdin, as JSON. One that no
service account logs in at is answered by "credentials not found in native keychain" and
status 1, as docker expects.`,
		Example: `  echo registry.example.com | regctl credential-helper get`,
	})
}

func newHelperStore(env *cmdutil.Env) *cobra.Command {
	return helperAction(env, &cobra.Command{
		Use:   protocol.ActionStore,
		Short: "Refuse to keep a password",
		Long: `Refuse to keep the credentials that are on stdin, as JSON: no passwords are kept here. Only
the token that "get" has just given out is taken, since docker stores what it has logged in with.`,
		Example: `  echo registry.example.com | regctl credential-helper get | regctl credential-helper store`,
	})
}

func newHelperErase(env *cmdutil.Env) *cobra.Command {
	return helperAction(env, &cobra.Command{
		Use:     protocol.ActionErase,
		Short:   "Forget the service account of the registry whose name is on stdin",
		Long:    `Forget the service account, and the token, of the registry whose name is on stdin.`,
		Example: `  echo registry.example.com | regctl credential-helper erase`,
	})
}

func newHelperList(env *cmdutil.Env) *cobra.Command {
	return helperAction(env, &cobra.Command{
		Use:     protocol.ActionList,
		Short:   "Print the registries that service accounts log in at",
		Long:    `Print the registries that service accounts log in at, as JSON: each with the user name that it is shown.`,
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
	return hint.Errorf(fmt.Sprintf("take the line %q out of credHelpers in docker's config.json, or type: regctl login %s -u %s", host, host, c.Username),
		"docker-credential-%s keeps no passwords, it makes tokens of service accounts", credentials.OwnHelper)
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
