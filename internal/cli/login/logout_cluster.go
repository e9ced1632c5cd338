package login

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/identity"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
)

// logoutCluster ends the context's token: on the server, in the kubeconfig, and in the
// credentials of every registry that was logged in to with it. What the server does not
// do is said; the token is forgotten here all the same.
func logoutCluster(ctx context.Context, e *cmdutil.Env, kube cluster.Config, files []credentials.File) error {
	k, err := kube.Open(e.Getenv)
	if err != nil {
		return err
	}
	token := identity.Kept(k)
	if token == "" {
		return hint.New(fmt.Errorf("%s: the kubeconfig has no token for its user", k), "to log out of registries: regctl logout HOST, or regctl logout --all")
	}
	who := "its user"
	if id, err := identity.WhoAmI(ctx, k); err == nil {
		who = id.User
	}
	hosts, err := withToken(files, token)
	if err != nil {
		return err
	}
	switch ended, err := identity.EndToken(ctx, k); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		e.Warn("the token could not be deleted on the server: %v", err)
	case !ended:
		e.Warn("%s: the token is expired, or stays valid until it expires", k.Server())
	}
	users, err := identity.Forget(ctx, kube, e.Getenv, token)
	if err != nil {
		return err
	}
	e.Say("Logged %s out at %s: removed the token of %s from the kubeconfig", who, k.Server(), strings.Join(users, " and "))
	for _, host := range hosts {
		if err := logout(e, files, host); err != nil {
			return err
		}
	}
	return nil
}

// withToken lists the registries that were logged in to with a token.
func withToken(files []credentials.File, token string) (hosts []string, err error) {
	known, err := credentials.Hosts(files)
	for _, host := range known {
		if holds(files, host, token) {
			hosts = append(hosts, host)
		}
	}
	return hosts, err
}

// holds tells whether the token is a registry's password in any of the files. A file or
// helper that cannot be asked holds nothing that could be removed from it.
func holds(files []credentials.File, host, token string) bool {
	return slices.ContainsFunc(files, func(f credentials.File) bool {
		c, _, found, err := f.Lookup(host)
		return err == nil && found && c.Password == token
	})
}

// staysValid tells whether a registry was logged in to with the token of the kubeconfig's context.
func staysValid(e *cmdutil.Env, kube cluster.Config, files []credentials.File, host string) bool {
	k, err := kube.Open(e.Getenv)
	return err == nil && identity.Kept(k) != "" && holds(files, host, identity.Kept(k))
}
