package cluster

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Version is that of Kubernetes. README.md tells how to change it.
const Version = "v1.36.3"

// kubemod requires k8s.io/kubernetes and points each of its staging modules, which
// its own go.mod replaces by folders that the module's zip lacks, to their release.
//
//go:embed kubemod
var kubemod embed.FS

// APIPrograms are what StartAPI runs, and kubectl.
func APIPrograms() []string {
	return []string{"etcd", "kube-apiserver", "kube-controller-manager", "kubectl"}
}

// NodePrograms are what StartNode runs besides.
func NodePrograms() []string { return []string{"kube-scheduler", "kubelet", "kube-proxy"} }

// CacheDir is where tests keep the programs between runs: regctl-e2e in the user's
// cache directory.
func CacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "regctl-e2e"), err
}

// Build builds the programs (all where none are named) that are not yet in
// CACHE/kubernetes-VERSION, and returns that folder. It is safe to be called by
// several processes at once; an interrupted build leaves nothing that is taken for a
// whole one. say is told what is built and how long that takes: about 8 minutes on
// two cores with Go's caches empty, one with them filled.
func Build(ctx context.Context, cacheDir string, say func(string), programs ...string) (dir string, err error) {
	if len(programs) == 0 {
		programs = append(APIPrograms(), NodePrograms()...)
	}
	dir = filepath.Join(cacheDir, "kubernetes-"+Version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	missing, err := absent(dir, programs)
	if err != nil || len(missing) == 0 {
		return dir, err
	}
	unlock, err := lock(filepath.Join(dir, ".lock"), say)
	if err != nil {
		return "", err
	}
	defer unlock()
	if missing, err = absent(dir, programs); err != nil || len(missing) == 0 { // another process may have built them
		return dir, err
	}
	say(fmt.Sprintf("building Kubernetes %s into %s, once: %s (together about 8 minutes on two idle cores when nothing is cached, 4 GB of Go's caches)",
		Version, dir, strings.Join(missing, ", ")))
	return dir, buildAll(ctx, dir, say, missing)
}

func absent(dir string, programs []string) (missing []string, err error) {
	for _, name := range programs {
		_, err := os.Stat(filepath.Join(dir, name))
		switch {
		case errors.Is(err, os.ErrNotExist):
			missing = append(missing, name)
		case err != nil:
			return nil, err
		}
	}
	return missing, nil
}

// lock waits for other processes; the kernel frees the lock of one that dies.
func lock(path string, say func(string)) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		say("waiting for another process that builds Kubernetes (it holds " + path + ")")
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return func() { _ = f.Close() }, nil // closing unlocks
}

// buildAll builds from a scratch module that lies nowhere near this one.
func buildAll(ctx context.Context, dir string, say func(string), programs []string) (err error) {
	mod, err := os.MkdirTemp("", "kubemod-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(mod)) }()
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := kubemod.ReadFile("kubemod/" + name + ".txt")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(mod, name), data, 0o644); err != nil {
			return err
		}
	}
	for _, name := range programs {
		if err := build(ctx, mod, dir, name, say); err != nil {
			return err
		}
	}
	return nil
}

func build(ctx context.Context, mod, dir, name string, say func(string)) error {
	say("building " + name)
	start, out, pkg := time.Now(), filepath.Join(dir, name), "k8s.io/kubernetes/cmd/"+name
	if name == "etcd" {
		pkg = "go.etcd.io/etcd/server/v3"
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", ldflags(), "-o", out+".new", pkg)
	cmd.Dir = mod
	cmd.Env = append(os.Environ(), "PWD="+mod, "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // go ends its compilers then
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return fmt.Errorf("build of %s: %w", name, ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, said)
	}
	if err := os.Rename(out+".new", out); err != nil {
		return err
	}
	info, err := os.Stat(out)
	if err != nil {
		return err
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	say(fmt.Sprintf("built %s in %.0fs (%.0fs of CPU, %d MiB)", name, time.Since(start).Seconds(), used.Seconds(), info.Size()>>20))
	return nil
}

// ldflags strip the programs and tell them their version, which is v0.0.0-master otherwise.
func ldflags() string {
	const x = " -X k8s.io/component-base/version."
	return "-s -w" + x + "gitVersion=" + Version + x + "gitMajor=1" + x + "gitMinor=" + strings.Split(Version, ".")[1] +
		x + "gitTreeState=archive" + x + "gitCommit=module" + x + "buildDate=1970-01-01T00:00:00Z"
}
