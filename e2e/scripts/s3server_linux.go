package scripts

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const versitygw = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"

// S3Server builds the S3 server versitygw once, keeps it in the user's cache, and puts a link to it
// into the folder bin.
func S3Server(ctx context.Context, bin string) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	_, version, _ := strings.Cut(versitygw, "@")
	dir := filepath.Join(cache, "regctl-e2e", "versitygw-"+version)
	program := filepath.Join(dir, "versitygw")
	if _, err := os.Stat(program); err != nil {
		if err := buildS3Server(ctx, dir); err != nil {
			return err
		}
	}
	return os.Symlink(program, filepath.Join(bin, "versitygw"))
}

func buildS3Server(ctx context.Context, dir string) error {
	fmt.Println("building the S3 server", versitygw, "into", dir, "(once; about 3 minutes of CPU)")
	start := time.Now()
	cmd := exec.CommandContext(ctx, "go", "install", versitygw)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOBIN="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	fmt.Printf("built the S3 server in %.0fs\n", time.Since(start).Seconds())
	return nil
}
