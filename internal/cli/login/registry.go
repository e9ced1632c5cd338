package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/discover"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// NewRegistryLogin is login by the flags of "oc registry login".
func NewRegistryLogin(env *cmdutil.Env) *cobra.Command {
	cmd := NewLogin(env)
	cmd.Hidden = true
	f := cmd.Flags()
	host := f.String("registry", "", "the `host` of the registry; by default what the cluster says that it is")
	basic := f.String("auth-basic", "", "log in as `USER:PASSWORD`, for everyone on this machine to see; use -u USER --password-stdin")
	file := f.StringP("registry-config", "a", "", "save in this `file`, as --to does")
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *host != "" && len(args) > 0 {
			return hint.BadUsage(errors.New("--registry and an argument both name a registry"), "leave out --registry")
		}
		if *host != "" {
			args = []string{*host}
		}
		user, password, found := strings.Cut(*basic, ":")
		if f.Changed("auth-basic") && !found {
			return hint.BadUsage(errors.New("--auth-basic must be USER:PASSWORD"), "regctl login HOST -u USER --password-stdin")
		}
		for name, value := range map[string]string{"username": user, "password": password, "to": *file} {
			if value == "" {
				continue
			}
			if err := f.Set(name, value); err != nil {
				return err
			}
		}
		return run(cmd, args)
	}
	return cmd
}

// NewRegistryInfo is "oc registry info": the host of the cluster's registry.
func NewRegistryInfo(env *cmdutil.Env) *cobra.Command {
	var kube cluster.Config
	cmd := &cobra.Command{
		Use:     "info",
		Short:   "Print the host of the cluster's registry",
		Long:    "Print the host of the cluster's registry, as \"oc registry info\". \"regctl registry status\" shows more.",
		Example: "  regctl registry info --public",
		Args:    cobra.NoArgs,
		Hidden:  true,
	}
	f := cmd.Flags()
	public := f.Bool("public", false, "the host that is reachable from outside the cluster")
	internal := f.Bool("internal", false, "the host that is reachable inside the cluster only")
	check := f.Bool("check", false, "check that the registry responds, and print no host")
	pipeline.KubeFlags(env, cmd, &kube)
	cmd.MarkFlagsMutuallyExclusive("public", "internal")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		kind := discover.Any
		switch {
		case *public:
			kind = discover.Public
		case *internal:
			kind = discover.Internal
		}
		r, err := connect.Find(cmd.Context(), env, kube, kind)
		if err != nil {
			return err
		}
		if *check {
			return responds(cmd.Context(), env, r.Host)
		}
		env.Say("%s", r.Reason)
		_, err = fmt.Fprintln(env.Out, r.Host)
		return err
	}
	return cmd
}

// responds asks a registry for its version of the API, which every registry answers, to whomever.
func responds(ctx context.Context, env *cmdutil.Env, host string) error {
	t, err := connect.Transport(env, host, "", false)
	if err != nil {
		return err
	}
	defer t.CloseIdleConnections()
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+host+"/v2/", nil)
	if err != nil {
		return err
	}
	res, err := t.RoundTrip(req)
	if err != nil {
		return connect.ExplainTLS(host, err)
	}
	_ = res.Body.Close() // its status is all that counts
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusUnauthorized {
		return fmt.Errorf("%s: unexpected response: %s", host, res.Status)
	}
	env.Say("%s: the registry responds", host)
	return nil
}
