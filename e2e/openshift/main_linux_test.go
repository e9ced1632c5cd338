package openshift

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/regctl/regctl/e2e/scripts"
)

// TestMain builds the programs. Each test starts an API server of its own.
func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, m)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL: e2e/openshift:", err)
		code = 1
	}
	os.Exit(code)
}

func run(ctx context.Context, m *testing.M) (code int, err error) {
	base, err := os.MkdirTemp("", "regctl-e2e-openshift-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(base)) }()
	kube, err := scripts.Programs(ctx, filepath.Join(base, "bin"))
	if err != nil {
		return 0, err
	}
	for name, value := range map[string]string{kubeEnv: kube, "TMPDIR": base} { // so that all folders of the run go with base
		if err := os.Setenv(name, value); err != nil {
			return 0, err
		}
	}
	// testing knows no interrupt: scripts would go on
	keep := context.AfterFunc(ctx, func() { _ = os.RemoveAll(base); os.Exit(1) })
	defer keep()
	return m.Run(), nil
}
