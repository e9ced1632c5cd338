// Package image has the commands about images in registries, archives and layouts.
package image

import (
	"os"
	"runtime"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

// New returns the command image with its subcommands.
func New(env *cmdutil.Env) *cobra.Command {
	return cmdutil.Family("image", "Push, pull, copy, list, inspect and delete images",
		`Push, pull, copy, list, inspect and delete images in any registry.

A reference is HOST[:PORT]/REPOSITORY[:TAG|@DIGEST]; there is no default registry. The
commands use the credentials of regctl, docker and podman login. They trust the CAs of
the system, of the certs.d directories of docker and podman, and of --ca.`,
		newImagePush(env), newImagePull(env), newImageCopy(env), newImageTag(env),
		newImageList(env), newImageInspect(env), newImageDelete(env), newImageSaveSelf(env))
}

// imageRun wraps the work of an image command, so that all explain failures alike.
func imageRun(run func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error { return connect.ExplainImage(run(cmd, args)) }
}

// machine is the platform whose containers this machine runs: Linux, also on others.
func machine() v1.Platform { return v1.Platform{OS: "linux", Architecture: runtime.GOARCH} }

// platformOf reads --platform; nil where it was not given.
func platformOf(flag string) (*v1.Platform, error) {
	if flag == "" {
		return nil, nil
	}
	return images.ParsePlatform(flag)
}

// isPath tells a file or folder from a reference: what is there is a path, and what
// has the name of an archive, or no host, can be nothing else.
func isPath(arg string) bool {
	if arg == "-" || arg != "" && (arg[0] == '/' || arg[0] == '.') || strings.HasSuffix(arg, ".tar") || packed(arg) {
		return true
	}
	if first, _, deep := strings.Cut(arg, "/"); arg != "" && !deep && !strings.ContainsAny(first, ":@") {
		return true
	}
	_, err := os.Stat(arg)
	return err == nil
}
