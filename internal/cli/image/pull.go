package image

import (
	"context"
	"errors"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

func newImagePull(env *cmdutil.Env) *cobra.Command {
	var conn connect.RegistryFlags
	var platform string
	var overwrite bool
	cmd := &cobra.Command{
		Use:   "pull REF PATH|-",
		Short: "Pull an image into a folder or an archive",
		Long: `Pull an image, by tag or digest, into PATH: a docker-archive where that ends in .tar
(gzipped: .tgz or .tar.gz) or is - for stdout, else an OCI layout folder, which may
hold other images already. A file that is no image archive is not replaced.

An index is pulled with all its platforms; a docker-archive can hold one only, by
default that of this machine. All bytes are compared with their digests. A pull that
broke goes on where it stopped when the same command is given again: what it has is
kept in the layout folder, or for an archive in PATH.partial. To stdout nothing is kept.`,
		Example: `  regctl image pull localhost:5000/demo/app:v1 app-layout
  regctl image pull localhost:5000/demo/app:v1 app-v1.tar
  regctl image pull --format oci-archive localhost:5000/demo/app:v1 app-oci.tar`,
		Args: cobra.ExactArgs(2),
	}
	conn.Add(cmd)
	cmd.ValidArgsFunction = completeRefs(env, &conn, func(n int) bool { return n == 0 })
	platformFlag(cmd, &platform, "pull only this `os/arch[/variant]` of an index")
	format := cmdutil.EnumFlag(cmd, "format", "", "", "write as oci (folder), oci-archive or docker-archive (default by PATH)",
		images.OCI, images.OCIArchive, images.DockerArchive)
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "replace a file that is no image archive")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = imageRun(func(cmd *cobra.Command, args []string) error {
		ref, err := images.ParseRef(args[0])
		if err != nil {
			return err
		}
		opts := images.PullOptions{Format: pullFormat(format.Value, args[1]), Default: machine(), Overwrite: overwrite}
		opts.Gzip = opts.Format != images.OCI && packed(args[1])
		if opts.Platform, err = platformOf(platform); err != nil {
			return err
		}
		if args[1] == "-" {
			return pullToStdout(cmd.Context(), env, connect.Images(env, conn, nil), ref, opts, output)
		}
		meter := newMeter(env)
		res, err := connect.Images(env, conn, meter).Pull(cmd.Context(), ref, args[1], opts)
		meter.close()
		if err != nil {
			return whoGrants(cmd.Context(), env, conn, err)
		}
		return printResult(env, output, res)
	})
	return cmd
}

func pullFormat(flag, path string) string {
	switch {
	case flag != "":
		return flag
	case path == "-" || strings.HasSuffix(path, ".tar") || packed(path):
		return images.DockerArchive
	}
	return images.OCI
}

// packed tells whether a file's name says that it is gzipped.
func packed(path string) bool {
	return strings.HasSuffix(path, ".tgz") || strings.HasSuffix(path, ".tar.gz")
}

// pullToStdout writes the archive, and says beside it what it is.
func pullToStdout(ctx context.Context, e *cmdutil.Env, client *images.Client, ref name.Reference, opts images.PullOptions, output *cmdutil.Output) error {
	switch _, tty := cmdutil.Terminal(e.Out); {
	case output.Data():
		return hint.BadUsage(errors.New("stdout takes the archive, so the report has no place there"), "leave out --output")
	case opts.Format == images.OCI:
		return hint.BadUsage(errors.New("a folder cannot be written to stdout"), "--format oci-archive")
	case tty:
		return hint.BadUsage(errors.New("stdout is a terminal"), "regctl image pull "+ref.String()+" FILE.tar")
	}
	res, err := client.PullTo(ctx, ref, e.Out, opts)
	if err == nil {
		e.Say("%s", res.Ref)
	}
	return err
}

func platformFlag(cmd *cobra.Command, to *string, usage string) {
	cmd.Flags().StringVar(to, "platform", "", usage)
	// the only failure is a flag that does not exist
	_ = cmd.RegisterFlagCompletionFunc("platform", cobra.FixedCompletions(
		[]string{"linux/amd64", "linux/arm64", "linux/ppc64le", "linux/s390x"}, cobra.ShellCompDirectiveNoFileComp))
}
