package api

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/e2e/cluster"
	"github.com/regctl/regctl/e2e/scripts"
)

// baseEnv holds the folder of the run, which has the users' kubeconfigs.
const baseEnv = "REGCTL_E2E_API"

// TestMain starts the one API server that all tests share.
func TestMain(m *testing.M) {
	os.Exit(scripts.Main("api", func(ctx context.Context, base, kube string) (code int, err error) {
		c, err := cluster.StartAPI(ctx, filepath.Join(base, "api"), cluster.Options{Bin: kube, Users: scripts.Users()})
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, c.Stop()) }()
		if err := os.Setenv(baseEnv, base); err != nil {
			return 0, err
		}
		// testing knows no interrupt: scripts would go on
		keep := context.AfterFunc(ctx, func() { _ = errors.Join(c.Stop(), os.RemoveAll(base)); os.Exit(1) })
		defer keep()
		return m.Run(), nil
	}))
}
