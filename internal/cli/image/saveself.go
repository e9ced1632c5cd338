package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

type saveSelfFlags struct {
	binary, name, caBundle, format string
	overwrite                      bool
}

func newImageSaveSelf(env *cmdutil.Env) *cobra.Command {
	var f saveSelfFlags
	cmd := &cobra.Command{
		Use:   "save-self PATH|-",
		Short: "Save regctl's own container image to an archive",
		Long: `Save regctl's own container image to an archive, for clusters without Internet access.
The image runs "regctl serve" on port 5000 as a non-root user, with its data in /registry.
The command downloads nothing. The result is reproducible; SOURCE_DATE_EPOCH sets the
times (default 1970).

The program must be a static Linux build (CGO_ENABLED=0); use --binary for another
platform. S3 and --proxy require --ca-bundle, for example
/etc/ssl/certs/ca-certificates.crt.

To load the archive:
  docker       docker load -i PATH
  containerd   ctr -n k8s.io images import PATH`,
		Example: `  regctl image save-self regctl-image.tar
  regctl image save-self - | regctl image push - localhost:5000/demo/regctl:latest`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&f.binary, "binary", "", "static Linux executable `file` (default: this program)")
	cmd.Flags().StringVar(&f.name, "name", "", "`repository:tag` in the archive (default regctl/regctl:VERSION)")
	cmd.Flags().StringVar(&f.caBundle, "ca-bundle", "", "PEM `file` with the root CAs for the image")
	cmd.Flags().BoolVar(&f.overwrite, "overwrite", false, "overwrite a file that is not an image archive")
	format := cmdutil.EnumFlag(cmd, "format", "", images.DockerArchive, "docker-archive, oci (a directory) or oci-archive",
		images.DockerArchive, images.OCI, images.OCIArchive)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f.format = format.Value
		if args[0] != "-" && f.format != images.OCI && !f.overwrite {
			if err := images.Replaceable(cmd.Context(), args[0]); err != nil {
				return err
			}
		}
		img, ref, err := selfImage(env, f)
		if err != nil {
			return err
		}
		return saveImage(cmd.Context(), env, img, ref, args[0], f.format)
	}
	return cmd
}

// selfImage makes the image, in memory.
func selfImage(e *cmdutil.Env, f saveSelfFlags) (*images.Image, name.Tag, error) {
	var none name.Tag
	created, err := sourceDate(e)
	if err != nil {
		return nil, none, err
	}
	path := f.binary
	if path == "" {
		if path, err = os.Executable(); err != nil {
			return nil, none, err
		}
	}
	binary, err := images.ReadBinary(path)
	if err != nil {
		return nil, none, err
	}
	if f.name == "" {
		f.name = images.SelfName(binary.Version)
	}
	tag, err := images.ParseName(f.name)
	if err != nil {
		return nil, none, err
	}
	opts := images.SelfOptions{Binary: binary, Created: created, Docker: f.format == images.DockerArchive}
	if f.caBundle != "" {
		if opts.CABundle, err = os.ReadFile(f.caBundle); err != nil {
			return nil, none, err
		}
	}
	img, err := images.Self(opts)
	return img, tag, err
}

// sourceDate is when everything in an image was made, for builds that are the same twice.
func sourceDate(e *cmdutil.Env) (time.Time, error) {
	text := e.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		return time.Unix(0, 0).UTC(), nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 {
		return time.Time{}, hint.BadUsage(fmt.Errorf("SOURCE_DATE_EPOCH: %q is not a time", text), "set it to seconds since 1970: date +%s")
	}
	return time.Unix(seconds, 0).UTC(), nil
}

func saveImage(ctx context.Context, e *cmdutil.Env, img *images.Image, ref name.Tag, path, format string) error {
	switch {
	case path != "-" && format == images.OCI:
		if err := img.WriteDirectory(ctx, path, ref); err != nil {
			return err
		}
	case path != "-":
		if err := img.WriteFile(ctx, path, format, ref); err != nil {
			return err
		}
	case format == images.OCI:
		return hint.BadUsage(errors.New("a directory cannot be written to stdout"), "--format oci-archive")
	default:
		if _, tty := cmdutil.Terminal(e.Out); tty {
			return hint.BadUsage(errors.New("stdout is a terminal"), "regctl image save-self FILE.tar")
		}
		return img.Write(ctx, e.Out, format, ref)
	}
	e.Say("%s: %s %s", path, ref, img.Root.Digest)
	return nil
}
