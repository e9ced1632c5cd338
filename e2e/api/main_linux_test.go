package api

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/regctl/regctl/e2e/cluster"
	"github.com/regctl/regctl/e2e/scripts"
)

// baseEnv holds the folder of the run, which has the users' kubeconfigs.
const baseEnv = "REGCTL_E2E_API"

// TestMain starts the one API server that all tests share.
func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, m)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL: e2e/api:", err)
		code = 1
	}
	os.Exit(code)
}

func run(ctx context.Context, m *testing.M) (code int, err error) {
	base, err := os.MkdirTemp("", "regctl-e2e-api-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(base)) }()
	kube, err := scripts.Programs(ctx, filepath.Join(base, "bin"))
	if err != nil {
		return 0, err
	}
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
}
