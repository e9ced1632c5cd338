package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// insideEnv holds the temporary folder of the sandbox, in the process that runs in it.
const insideEnv = "REGCTL_E2E_SANDBOX"

// Inside tells whether this process was started by Run.
func Inside() bool { return os.Getenv(insideEnv) != "" }

// Run runs this program again with the given arguments, as the first process of
// namespaces that end with it: whatever it starts ends too, also when this process
// is killed. The program must call Enter before anything else. code is its exit
// code. It gets SIGTERM when ctx ends, and half a minute to clean up.
func Run(ctx context.Context, stdout, stderr io.Writer, args ...string) (code int, err error) {
	if os.Getuid() != 0 {
		return 0, errors.New("this needs root, to make namespaces and to mount in them: run it by sudo")
	}
	base, err := os.MkdirTemp("", "regctl-e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(base)) }()
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	runtime.LockOSThread() // Pdeathsig is about the thread that starts the process
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.Env = append(os.Environ(), insideEnv+"="+base, "TMPDIR="+base)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
	}
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(syscall.SIGTERM) }, 30*time.Second
	err = cmd.Run()
	if state := cmd.ProcessState; state != nil && state.Exited() { // of itself, be it after SIGTERM
		return state.ExitCode(), nil
	}
	if errors.Is(err, syscall.EPERM) {
		return 0, fmt.Errorf("namespaces cannot be made; in a container this needs --privileged: %w", err)
	}
	return 0, err
}

// Enter makes the machine that this process and its children see: layers over the
// folders that tools write to and those of more, a network of loopback alone, and only these processes.
// The cgroups stay those of the machine. pid is this process's as seen from outside, for nsenter.
func Enter(more ...string) (pid string, err error) {
	base := os.Getenv(insideEnv)
	if base == "" {
		return "", errors.New("not in a sandbox: " + insideEnv + " is not set")
	}
	if pid, err = os.Readlink("/proc/self"); err != nil { // still the machine's /proc
		return "", err
	}
	steps := []func() error{
		func() error { return syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "") },
		func() error { return Fresh(filepath.Join(base, "layers")) },
		func() error { return cover(base, append(more, "/etc", "/opt", "/var/lib", "/var/log")...) },
		func() error { return Fresh("/run") },
		func() error { return Fresh("/dev/shm") },
		func() error { return syscall.Mount("proc", "/proc", "proc", 0, "") },
		func() error { return syscall.Sethostname([]byte("node")) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return "", err
		}
	}
	return pid, nil
}

// Fresh mounts an empty folder in memory.
func Fresh(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return mounted(dir, syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0755"))
}

// cover lets folders be written without a change to what is below.
func cover(base string, dirs ...string) error {
	for _, dir := range dirs {
		layer := filepath.Join(base, "layers", strings.ReplaceAll(dir, "/", "_"))
		upper, work := filepath.Join(layer, "upper"), filepath.Join(layer, "work")
		for _, d := range []string{upper, work} {
			if err := os.MkdirAll(d, 0o755); err != nil {
				return err
			}
		}
		options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", dir, upper, work)
		if err := mounted(dir, syscall.Mount("overlay", dir, "overlay", 0, options)); err != nil {
			return err
		}
	}
	return nil
}

func mounted(dir string, err error) error {
	if err != nil {
		return fmt.Errorf("mount over %s: %w", dir, err)
	}
	return nil
}
