package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// nodeIP is the address under which the scripts reach a registry "on another
// machine": docker checks no certificate of 127.0.0.0/8.
const nodeIP = "10.77.0.1"

// enter makes the machine that the scripts see, in fresh namespaces: a layer over
// the folders that tools write to, and a network that leads nowhere.
func enter(base string) error {
	if err := os.Setenv("PATH", filepath.Join(base, "bin")+":"+os.Getenv("PATH")); err != nil {
		return err
	}
	steps := []func() error{
		func() error { return syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "") },
		func() error { return fresh(filepath.Join(base, "layers")) },
		func() error { return cover(base, "/etc", "/opt", "/var/lib", "/usr/local/share/ca-certificates") },
		func() error { return fresh("/run") },
		func() error { return fresh("/dev/shm") },            // podman's locks
		func() error { return fresh("/var/lib/containers") }, // podman's images: a layer cannot lie on a layer
		func() error { return syscall.Mount("proc", "/proc", "proc", 0, "") },
		func() error { return syscall.Sethostname([]byte("node")) },
		hosts, network,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// fresh mounts an empty folder in memory.
func fresh(dir string) error {
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

func hosts() error {
	return os.WriteFile("/etc/hosts", []byte("127.0.0.1 localhost\n::1 localhost\n"+nodeIP+" node registry.test\n"), 0o644)
}

// network brings up loopback and a bridge that nothing else is connected to.
func network() error {
	for _, line := range []string{
		"link set lo up", "link add node0 type bridge", "addr add " + nodeIP + "/24 dev node0", "link set node0 up",
	} {
		out, err := exec.CommandContext(context.Background(), "ip", strings.Fields(line)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ip %s: %w: %s", line, err, out)
		}
	}
	return nil
}
