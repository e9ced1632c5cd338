package cli

import (
	"context"
	"net/http"
	"path/filepath"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/discover"
	"github.com/regctl/regctl/internal/oauth"
)

func isOpenShift(ctx context.Context, t http.RoundTripper, host string) bool {
	const patience = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return oauth.IsRegistry(ctx, t, host)
}

// discover finds the cluster's registry, and says how.
func (e *Env) discover(ctx context.Context, kube cluster.Config) (discover.Registry, error) {
	k, err := kube.Open(e.Getenv)
	if err != nil {
		return discover.Registry{}, err
	}
	client, err := k.Client("", filepath.Join(e.CacheHome(), "regctl"))
	if err != nil {
		return discover.Registry{}, err
	}
	r, err := discover.Discover(ctx, client)
	if err == nil {
		e.Say("Using the registry %s: %s", r.Host, r.Reason)
	}
	return r, err
}
