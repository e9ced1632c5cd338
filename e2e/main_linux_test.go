package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// insideEnv holds the temporary folder of the run, in the process that runs the tests.
const insideEnv = "REGCTL_E2E_INSIDE"

// TestMain makes ready what the scripts need, then runs the tests in namespaces of
// their own: no network but loopback and a bridge, and nothing of what they write
// into /etc, /run and /var/lib is there afterwards.
func TestMain(m *testing.M) {
	if base := os.Getenv(insideEnv); base != "" {
		if err := enter(base); err != nil {
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
	if err := prepare(ctx, filepath.Join(base, "bin")); err != nil {
		return 0, err
	}
	return inNamespaces(ctx, base)
}

// inNamespaces runs this program again, as the first process of namespaces that end
// with it: whatever the scripts have started goes too, also when this process is killed.
func inNamespaces(ctx context.Context, base string) (int, error) {
	runtime.LockOSThread() // Pdeathsig is about the thread that starts the process
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, os.Args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), insideEnv+"="+base, "TMPDIR="+base)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
	}
	err = cmd.Run()
	if ctx.Err() != nil {
		return 0, errors.New("interrupted")
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), nil
	}
	if errors.Is(err, syscall.EPERM) {
		return 0, fmt.Errorf("namespaces cannot be made; in a container the tests need --privileged: %w", err)
	}
	return 0, err
}
