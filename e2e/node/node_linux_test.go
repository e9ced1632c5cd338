package node

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/regctl/regctl/e2e/cluster"
	"github.com/regctl/regctl/e2e/scripts"
	"github.com/stretchr/testify/require"
)

// start starts a node, on which regctl's own image is. It ends with the test, or by an interrupt:
// testing knows none, the scripts would go on.
func start(t *testing.T) *cluster.Node {
	t.Helper()
	ctx, stop := signal.NotifyContext(context.WithoutCancel(t.Context()), os.Interrupt, syscall.SIGTERM)
	t.Cleanup(stop)
	n, err := cluster.StartNode(ctx, filepath.Join(os.TempDir(), "node"), cluster.Options{Bin: os.Getenv(kubeEnv), Users: scripts.Users()})
	require.NoError(t, err)
	keep := context.AfterFunc(ctx, func() { _ = n.Stop(); os.Exit(1) })
	t.Cleanup(func() {
		if keep() {
			require.NoError(t, n.Stop())
		}
	})
	require.NoError(t, n.LoadImage(ctx, os.Getenv(archiveEnv)))
	return n
}
