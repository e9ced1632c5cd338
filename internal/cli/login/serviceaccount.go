package login

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/identity"
	"github.com/regctl/regctl/internal/serviceaccount"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

// accountFlags are those of a login as a service account.
type accountFlags struct {
	*loginFlags
	account, namespace string
	audiences          []string
	duration           time.Duration
	create, helper     bool
	grant              *cmdutil.Enum
	given              []string // flags of the command line that are about a service account; the settings may have others
}

// addServiceAccount gives login the flags of a login as a service account, and takes it over where they are used.
func addServiceAccount(env *cmdutil.Env, cmd *cobra.Command, l *loginFlags) {
	a := &accountFlags{loginFlags: l}
	f := cmd.Flags()
	f.StringVarP(&a.account, "service-account", "z", "", "log in as the service account of this `name`")
	f.StringVarP(&a.namespace, "namespace", "n", "", "`namespace` of the service account (default: the context's)")
	f.DurationVar(&a.duration, "duration", 24*time.Hour, "lifetime of the service account's token")
	f.BoolVar(&a.create, "create", false, "create the service account if it does not exist")
	a.grant = cmdutil.EnumFlag(cmd, "grant", "", "", "grant the service account permission in its namespace: pull or push", "pull", "push")
	f.StringSliceVar(&a.audiences, "audience", nil, "`audience` of the token (default: the API server)")
	f.BoolVar(&a.helper, "helper", false, "save no token; docker and podman run docker-credential-regctl for a fresh one")
	_ = cmd.RegisterFlagCompletionFunc("audience", cobra.NoFileCompletions)
	cmd.Long += ``
	checkArgs, otherwise := cmd.Args, cmd.RunE
	cmd.Args = func(cmd *cobra.Command, args []string) error { // the settings are read after this
		a.given = slices.DeleteFunc([]string{"namespace", "duration", "create", "grant", "audience", "helper"}, func(name string) bool { return !cmd.Flags().Changed(name) })
		return checkArgs(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("service-account") {
			if len(a.given) > 0 {
				return hint.BadUsage(fmt.Errorf("--%s requires --service-account", a.given[0]), "add --service-account NAME")
			}
			return otherwise(cmd, args)
		}
		if err := a.checkFlags(cmd); err != nil {
			return err
		}
		return a.run(cmd, env, strings.Join(args, ""))
	}
}

// checkFlags finds what is wrong before anything is read or asked.
func (a *accountFlags) checkFlags(cmd *cobra.Command) (err error) {
	for _, name := range []string{"username", "password", "password-stdin", "server", "token", "certificate-authority", "insecure-skip-tls-verify"} {
		if cmd.Flags().Changed(name) {
			return hint.BadUsage(fmt.Errorf("--service-account cannot be used with --%s", name), "omit one of them")
		}
	}
	if err := a.name(); err != nil {
		return err
	}
	switch {
	case a.duration < identity.ShortestToken:
		return hint.BadUsage(fmt.Errorf("--duration %s: must be at least 10 minutes", a.duration), "--duration 10m")
	case a.duration > identity.LongestToken:
		return hint.BadUsage(fmt.Errorf("--duration %s: exceeds the maximum of the API server", a.duration), "--duration 24h")
	}
	for _, audience := range a.audiences {
		if strings.TrimSpace(audience) == "" {
			return hint.BadUsage(errors.New("--audience is empty"), "omit --audience for the API server's")
		}
	}
	return nil
}

// name reads NAME, sa/NAME, or the full name system:serviceaccount:NAMESPACE:NAME.
func (a *accountFlags) name() (err error) {
	if a.account == "" {
		return hint.BadUsage(errors.New("--service-account is empty"), "--service-account NAME -n NAMESPACE")
	}
	if full, ok := strings.CutPrefix(a.account, "system:serviceaccount:"); ok {
		namespace, name, _ := strings.Cut(full, ":")
		if a.namespace != "" && a.namespace != namespace {
			return hint.BadUsage(fmt.Errorf("%s is not in namespace %s", a.account, a.namespace), "omit --namespace")
		}
		a.namespace, a.account = namespace, name
	}
	a.account, err = pipeline.NameOf(a.account, "serviceaccount", "serviceaccounts", "sa")
	return err
}

func (a *accountFlags) run(cmd *cobra.Command, env *cmdutil.Env, host string) (err error) {
	ctx := cmd.Context()
	if host == "" {
		r, err := connect.Discover(ctx, env, a.kube)
		host = r.Host
		if err != nil {
			return err
		}
	}
	if _, err := trust.ParseHost(host); err != nil {
		return retype(cmd, "", err)
	}
	files, err := a.files(env, host)
	if err != nil {
		return err
	}
	k, err := a.kube.Open(env.Getenv)
	if err != nil {
		return err
	}
	client, err := k.Client(a.namespace, filepath.Join(env.CacheHome(), "regctl"))
	if err != nil {
		return err
	}
	asked := env.Now()
	token, err := a.token(ctx, env, client)
	if err != nil {
		return a.explainAccount(host, client.Namespace, err)
	}
	c := credentials.Credential{Username: serviceaccount.Username, Password: token.Token}
	if !a.noTest {
		if err := a.refused(k, client.Namespace, host, a.check(ctx, env, host, c)); err != nil {
			return err
		}
	}
	if !a.helper {
		if err := a.save(env, files, host, c); err != nil {
			return err
		}
		a.sayExpiry(env, token)
		env.Say("note: with --helper, docker and podman request a fresh token each time")
		return nil
	}
	account, err := a.note(env, k, client.Namespace)
	if err != nil {
		return err
	}
	return a.delegate(env, files, host, serviceaccount.Made(account, token, asked), token)
}

// files are those that are written, found to be fit for it.
func (a *accountFlags) files(env *cmdutil.Env, host string) ([]credentials.File, error) {
	files, err := credentials.Targets(connect.Credentials(env), a.to)
	switch {
	case err != nil:
		return nil, err
	case !a.helper:
		return files, credentials.Ready(files, host)
	}
	if _, err := accounts(env); err != nil {
		return nil, err
	}
	return files, credentials.CanDelegate(files, host, credentials.OwnHelper)
}

// delegate notes the account and its first token, and makes the files name the helper.
func (a *accountFlags) delegate(env *cmdutil.Env, files []credentials.File, host string, t serviceaccount.Token, made *identity.BoundToken) error {
	store, err := accounts(env)
	if err != nil {
		return err
	}
	if err := errors.Join(store.Put(host, t.Account), store.Keep(host, t)); err != nil {
		return err
	}
	where, err := credentials.Delegate(files, host, credentials.OwnHelper)
	if err != nil {
		return err
	}
	env.Say("Login succeeded: %s at %s; docker-credential-%s provides tokens, configured in %s", t.Account, host, credentials.OwnHelper, strings.Join(where, " and "))
	a.sayExpiry(env, made)
	return nil
}

// sayExpiry says what the server has given, and warns where that is not what was asked for.
func (a *accountFlags) sayExpiry(env *cmdutil.Env, t *identity.BoundToken) {
	env.Say("The token is valid for %s, until %s", t.Lifetime, t.Expires.UTC().Format(time.RFC3339))
	if t.Lifetime != a.duration.Truncate(time.Second) {
		env.Warn("requested %s, the API server granted %s", a.duration, t.Lifetime)
	}
}

// refused puts a registry's refusal into words: the token is good, so that it is asked of another cluster, or for another audience.
func (a *accountFlags) refused(k *cluster.Context, namespace, host string, err error) error {
	if !errors.Is(err, credentials.ErrRefused) {
		return err
	}
	advice := "check that the registry uses the authentication of this cluster (" + k.Server() + ")"
	if len(a.audiences) > 0 {
		advice += ", and accepts the audience " + strings.Join(a.audiences, ", ")
	}
	return hint.NotAllowed(fmt.Errorf("%s: the registry refused the token of serviceaccount/%s of namespace %s", host, a.account, namespace), advice)
}

// explainAccount says what to type where there is no such account.
func (a *accountFlags) explainAccount(host, namespace string, err error) error {
	if errors.Is(err, identity.ErrNoAccount) {
		return hint.New(err, fmt.Sprintf("regctl login %s --service-account %s -n %s --create --grant pull", host, a.account, namespace))
	}
	return err
}

// token makes what is missing, and asks for the token. An account that must be there is asked first.
func (a *accountFlags) token(ctx context.Context, env *cmdutil.Env, client *cluster.Client) (t *identity.BoundToken, err error) {
	ask := func() error {
		t, err = identity.RequestToken(ctx, client, a.account, a.audiences, a.duration)
		return err
	}
	if !a.create {
		if err := ask(); err != nil {
			return nil, err
		}
	}
	if err := a.prepare(ctx, env, client); err != nil || !a.create {
		return t, err
	}
	return t, ask()
}
