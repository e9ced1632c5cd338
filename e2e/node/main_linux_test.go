package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/regctl/regctl/e2e/cluster"
	"github.com/regctl/regctl/e2e/cluster/sandbox"
	"github.com/regctl/regctl/e2e/scripts"
)

// archiveEnv holds the archive of regctl's own image, imageEnv its name, kubeEnv the folder
// of Kubernetes' programs.
const (
	kubeEnv    = "REGCTL_E2E_KUBE"
	archiveEnv = "REGCTL_E2E_ARCHIVE"
	imageEnv   = "REGCTL_E2E_IMAGE"
)

// TestMain makes ready what needs the network, then runs the tests in a sandbox. Each
// test starts a node of its own.
func TestMain(m *testing.M) {
	if sandbox.Inside() {
		if _, err := sandbox.Enter(); err != nil {
			fmt.Fprintln(os.Stderr, "FAIL: e2e/node:", err)
			os.Exit(1)
		}
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := outside(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL: e2e/node:", err)
		code = 1
	}
	os.Exit(code)
}

func outside(ctx context.Context) (code int, err error) {
	if os.Getuid() != 0 {
		return 0, errors.New("these tests need root, to start containers: sudo make e2e")
	}
	base, err := os.MkdirTemp("", "regctl-e2e-node-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(base)) }()
	say := func(what string) { fmt.Println(what) }
	cache, err := cluster.CacheDir()
	if err != nil {
		return 0, err
	}
	kube, err := cluster.Build(ctx, cache, say)
	if err != nil {
		return 0, err
	}
	if err := cluster.Install(ctx, say, "skopeo"); err != nil {
		return 0, err
	}
	bin, archive := filepath.Join(base, "bin"), filepath.Join(base, "regctl.tar")
	if err := scripts.Build(ctx, bin); err != nil {
		return 0, err
	}
	if err := scripts.S3Server(ctx, bin); err != nil {
		return 0, err
	}
	image, err := saveSelf(ctx, filepath.Join(bin, "regctl"), archive)
	if err != nil {
		return 0, err
	}
	env := map[string]string{kubeEnv: kube, "PATH": bin + ":" + kube + ":" + os.Getenv("PATH"), archiveEnv: archive, imageEnv: image}
	for name, value := range env {
		if err := os.Setenv(name, value); err != nil {
			return 0, err
		}
	}
	return sandbox.Run(ctx, os.Stdout, os.Stderr, os.Args[1:]...)
}

// saveSelf writes the program's own image and returns the name that is in it.
func saveSelf(ctx context.Context, program, archive string) (image string, err error) {
	out, err := exec.CommandContext(ctx, program, "image", "save-self", archive).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("regctl image save-self: %w: %s", err, out)
	}
	manifest, err := exec.CommandContext(ctx, "tar", "-xOf", archive, "manifest.json").Output()
	if err != nil {
		return "", err
	}
	var images []struct{ RepoTags []string }
	if err := json.Unmarshal(manifest, &images); err != nil {
		return "", err
	}
	return images[0].RepoTags[0], nil
}
