package connect

import (
	"slices"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/spf13/cobra"
)

// Keychain finds the credentials of a registry in the files of podman and docker.
func Keychain(e *cmdutil.Env) authn.Keychain { return keychain{Credentials(e)} }

// Credentials is the part of the Env that pkg/credentials uses.
func Credentials(e *cmdutil.Env) credentials.Env {
	return credentials.Env{Getenv: e.Getenv, UID: e.UID}
}

type keychain struct{ env credentials.Env }

// Resolve returns the credentials of a registry; without any, access is anonymous.
func (k keychain) Resolve(target authn.Resource) (authn.Authenticator, error) {
	c, _, found, err := credentials.Lookup(k.env, target.String())
	if err != nil {
		return nil, err
	}
	if !found {
		return authn.Anonymous, nil
	}
	return authn.FromConfig(authn.AuthConfig{Username: c.Username, Password: c.Password, IdentityToken: c.IdentityToken}), nil
}

// KnownHosts completes the names of registries that have stored credentials.
func KnownHosts(e *cmdutil.Env) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		hosts, _ := credentials.Hosts(credentials.Everywhere(Credentials(e)))
		slices.Sort(hosts)
		return hosts, cobra.ShellCompDirectiveNoFileComp
	}
}
