package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/e2e/scripts"
)

// prepare fills the directory bin with regctl, versitygw and Azurite, and installs what else is missing.
func prepare(ctx context.Context, bin string) error {
	if err := install(ctx); err != nil {
		return err
	}
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	if err := run(ctx, []string{"CGO_ENABLED=0"}, "go", "-C", "..", "build", "-trimpath", "-o", filepath.Join(bin, "regctl"), "./cmd/regctl"); err != nil {
		return err
	}
	if err := scripts.S3Server(ctx, bin); err != nil {
		return err
	}
	return scripts.Azurite(ctx, bin)
}

// packages are the Debian packages of the programs that scripts call.
func packages() map[string]string {
	return map[string]string{
		"skopeo": "skopeo", "podman": "podman", "docker": "docker.io", "dockerd": "docker.io", "containerd": "containerd",
		"ip": "iproute2", "openssl": "openssl", "strace": "strace", "update-ca-certificates": "ca-certificates",
		"node": "nodejs", "npm": "npm",
	}
}

// install gets the packages whose programs are missing.
func install(ctx context.Context) error {
	var missing []string
	for program, pkg := range packages() {
		if _, err := exec.LookPath(program); err != nil && !slices.Contains(missing, pkg) {
			missing = append(missing, pkg)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	fmt.Println("installing by apt-get:", strings.Join(missing, " "))
	// RUNLEVEL=1 keeps the packages' daemons from being started
	env := []string{"DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"}
	if err := run(ctx, env, "apt-get", "update", "-q"); err != nil {
		return fmt.Errorf("needs Debian's packages %s: %w", strings.Join(missing, " "), err)
	}
	return run(ctx, env, "apt-get", append([]string{"install", "-y", "-q", "--no-install-recommends"}, missing...)...)
}

// run runs a program outside the namespaces and shows what it said if it fails.
func run(ctx context.Context, env []string, name string, args ...string) error {
	start := time.Now()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	fmt.Printf("%s (%.0fs)\n", strings.Join(cmd.Args, " "), time.Since(start).Seconds())
	return nil
}
