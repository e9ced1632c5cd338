package connect

import (
	"context"
	"net/http"
	"path/filepath"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/discover"
	"github.com/regctl/regctl/internal/oauth"
)

// IsOpenShift tells whether the registry at a host is an integrated registry of OpenShift.
func IsOpenShift(ctx context.Context, t http.RoundTripper, host string) bool {
	const patience = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return oauth.IsRegistry(ctx, t, host)
}

// Discover finds the cluster's registry, and prints how.
func Discover(ctx context.Context, e *cmdutil.Env, kube cluster.Config) (discover.Registry, error) {
	r, err := Find(ctx, e, kube, discover.Any)
	if err == nil {
		e.Say("using registry %s: %s", r.Host, r.Reason)
	}
	return r, err
}

// Find finds the host of the cluster's registry by which it is called inside the cluster, or from outside.
func Find(ctx context.Context, e *cmdutil.Env, kube cluster.Config, kind discover.Kind) (discover.Registry, error) {
	k, err := kube.Open(e.Getenv)
	if err != nil {
		return discover.Registry{}, err
	}
	client, err := k.Client("", filepath.Join(e.CacheHome(), "regctl"))
	if err != nil {
		return discover.Registry{}, err
	}
	return discover.Discover(ctx, client, kind)
}
