package openshift

import (
	"context"
	"os"
	"testing"

	"github.com/regctl/regctl/e2e/scripts"
)

// TestMain builds the programs. Each test starts an API server of its own.
func TestMain(m *testing.M) {
	os.Exit(scripts.Main("openshift", func(ctx context.Context, base, kube string) (int, error) {
		for name, value := range map[string]string{kubeEnv: kube, "TMPDIR": base} { // so that all folders of the run go with base
			if err := os.Setenv(name, value); err != nil {
				return 0, err
			}
		}
		// testing knows no interrupt: scripts would go on
		keep := context.AfterFunc(ctx, func() { _ = os.RemoveAll(base); os.Exit(1) })
		defer keep()
		return m.Run(), nil
	}))
}
