package login

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/cluster/identity"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/policy"
	"github.com/regctl/regctl/internal/serviceaccount"
	"github.com/regctl/regctl/pkg/hint"
)

// prepare makes the account and gives it its rights, as the flags say.
func (a *accountFlags) prepare(ctx context.Context, env *cmdutil.Env, client *cluster.Client) error {
	var changes []plan.Change
	if a.create {
		changes = append(changes, &change.Make{Client: client, Object: &cluster.Object{Object: map[string]any{
			"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": a.account, "namespace": client.Namespace},
		}}})
	}
	if intent := a.grant.Value; intent != "" {
		role, err := policy.Role(client.Namespace, intent)
		if err != nil {
			return err
		}
		who := policy.Subjects{Accounts: []string{a.account}}
		binding, err := policy.Binding{Role: policy.RoleName(intent), RoleNamespace: client.Namespace, Subjects: who}.Add(ctx, client)
		if err != nil {
			return err
		}
		changes = append(changes, &change.Apply{Client: client, Object: role, Concern: "policy"}, binding)
	}
	_, err := plan.Runner{Out: env.Out, Quiet: env.Quiet, Say: env.Say}.Run(ctx, changes)
	return err
}

// note is the account as the credential helper needs it, wherever and whenever that runs.
func (a *accountFlags) note(env *cmdutil.Env, k *cluster.Context, namespace string) (serviceaccount.Account, error) {
	note := serviceaccount.Account{Context: k.Name, Namespace: namespace, Name: a.account, Audiences: a.audiences, Duration: a.duration.String()}
	if k.Name == "" {
		return note, nil
	}
	paths, err := a.kube.Paths(env.Getenv)
	note.Kubeconfigs = paths
	return note, err
}

// accounts returns the store of the service accounts that log in at registries.
func accounts(e *cmdutil.Env) (serviceaccount.Store, error) {
	b := serviceaccount.Store{
		Path:  filepath.Join(e.ConfigHome(), "regctl", "service-accounts.json"),
		Cache: filepath.Join(e.CacheHome(), "regctl", "tokens"),
	}
	if !filepath.IsAbs(b.Path) || !filepath.IsAbs(b.Cache) {
		return b, hint.New(errors.New("HOME is not set"), "set HOME")
	}
	return b, nil
}

// forgetAccount removes a registry from the store.
func forgetAccount(e *cmdutil.Env, registry string) error {
	store, err := accounts(e)
	if err != nil {
		return nil //nolint:nilerr // no place, so nothing in it
	}
	_, err = store.Remove(registry)
	return err
}

// tokens issues the tokens of the accounts in the store.
func tokens(e *cmdutil.Env, store serviceaccount.Store) serviceaccount.Source {
	return serviceaccount.Source{Store: store, Now: e.Now, Warn: e.Warn, Make: func(ctx context.Context, a serviceaccount.Account) (*identity.BoundToken, error) {
		return accountToken(ctx, e, a)
	}}
}

// accountToken asks the cluster of an account, by the kubeconfig that it was noted with.
func accountToken(ctx context.Context, e *cmdutil.Env, a serviceaccount.Account) (*identity.BoundToken, error) {
	lifetime, err := a.Lifetime()
	if err != nil {
		return nil, err
	}
	conf, getenv := cluster.Config{Context: a.Context}, e.Getenv
	switch len(a.Kubeconfigs) {
	case 0: // a pod's own account
		getenv = func(string) string { return "" }
	case 1:
		conf.File = a.Kubeconfigs[0]
	default:
		getenv = func(name string) string {
			if name == "KUBECONFIG" {
				return strings.Join(a.Kubeconfigs, string(filepath.ListSeparator))
			}
			return e.Getenv(name)
		}
	}
	k, err := conf.Open(getenv)
	if err != nil {
		return nil, err
	}
	client, err := k.Client(a.Namespace, filepath.Join(e.CacheHome(), "regctl"))
	if err != nil {
		return nil, err
	}
	return identity.RequestToken(ctx, client, a.Name, a.Audiences, lifetime)
}
