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
		Short: "Pull an image to a directory or an archive",
		Long: `Pull an image by tag or digest, and verify all digests. PATH selects the format, unless
--format is given:
  *.tar, - (stdout)    a docker-archive; gzipped for *.tgz and *.tar.gz
  other                an OCI layout directory, which can hold other images

An index is pulled with all platforms. A docker-archive holds one platform (default: this
machine's). The command does not overwrite files that are not image archives.

To resume an interrupted pull, run the same command again. Partial content is in the
layout directory, or in PATH.partial for an archive.`,
		Example: `  regctl image pull localhost:5000/demo/app:v1 app-layout
  regctl image pull localhost:5000/demo/app:v1 app-v1.tar
  regctl image pull --format oci-archive localhost:5000/demo/app:v1 app-oci.tar`,
		Args: cobra.ExactArgs(2),
	}
	conn.Add(cmd)
	cmd.ValidArgsFunction = completeRefs(env, &conn, func(n int) bool { return n == 0 })
	platformFlag(cmd, &platform, "pull only this `platform` of an index: os/arch[/variant]")
	format := cmdutil.EnumFlag(cmd, "format", "", "", "oci (a directory), oci-archive or docker-archive (default: implied by PATH)",
		images.OCI, images.OCIArchive, images.DockerArchive)
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "overwrite a file that is not an image archive")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = imageRun(func(cmd *cobra.Command, args []string) error {
		if swapped(args[1], args[0]) {
			return exchanged(env, args[0], args[1], "REF")
		}
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
		return hint.BadUsage(errors.New("--output cannot be used with an archive on stdout"), "omit --output")
	case opts.Format == images.OCI:
		return hint.BadUsage(errors.New("a directory cannot be written to stdout"), "--format oci-archive")
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
