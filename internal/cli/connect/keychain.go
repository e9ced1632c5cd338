package connect

import (
	"slices"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/spf13/cobra"
)

// Keychain finds the credentials of a registry where podman and docker keep theirs.
func Keychain(e *cmdutil.Env) authn.Keychain { return keychain{Credentials(e)} }

// Credentials is what pkg/credentials needs to know of the Env.
func Credentials(e *cmdutil.Env) credentials.Env {
	return credentials.Env{Getenv: e.Getenv, UID: e.UID}
}

type keychain struct{ env credentials.Env }

// Resolve looks the credentials up; a registry without any is used anonymously.
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

// KnownHosts completes the registries that there are credentials for.
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
