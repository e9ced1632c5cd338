package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/regctl/regctl/e2e/cluster/sandbox"
)

// TestMain makes ready what the scripts need, then runs the tests in a sandbox: no
// network but loopback and a bridge, and nothing of what they write into /etc, /run
// and /var/lib is there afterwards.
func TestMain(m *testing.M) {
	if sandbox.Inside() {
		if err := enter(); err != nil {
			fail(err)
		}
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := outside(ctx)
	stop()
	if err != nil {
		fail(err)
	}
	os.Exit(code)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "FAIL: e2e:", err)
	os.Exit(1)
}

func outside(ctx context.Context) (code int, err error) {
	if os.Getuid() != 0 {
		return 0, errors.New("these tests need root, to install packages and to start docker in namespaces of its own: sudo make e2e")
	}
	base, err := os.MkdirTemp("", "regctl-e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(base)) }()
	bin := base + "/bin"
	if err := prepare(ctx, bin); err != nil {
		return 0, err
	}
	if err := os.Setenv("PATH", bin+":"+os.Getenv("PATH")); err != nil {
		return 0, err
	}
	code, err = sandbox.Run(ctx, os.Stdout, os.Stderr, os.Args[1:]...)
	if ctx.Err() != nil {
		return 0, errors.New("interrupted")
	}
	return code, err
}
