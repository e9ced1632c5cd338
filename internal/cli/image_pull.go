package cli

import (
	"strings"

	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

func newImagePull(env *Env) *cobra.Command {
	var conn registryFlags
	var platform string
	cmd := &cobra.Command{
		Use:   "pull REF PATH",
		Short: "Pull an image into a folder or an archive",
		Long: `Pull an image, by tag or digest, into PATH: a docker-archive where that ends in .tar,
else an OCI layout folder, which may hold other images already.

An index is pulled with all its platforms; a docker-archive can hold one only, by
default that of this machine. All bytes are compared with their digests. A pull that
broke goes on where it stopped when the same command is given again: what it has is
kept in the layout folder, or for an archive in PATH.partial.`,
		Example: `  regctl image pull localhost:5000/demo/app:v1 app-layout
  regctl image pull localhost:5000/demo/app:v1 app-v1.tar
  regctl image pull --format oci-archive localhost:5000/demo/app:v1 app-oci.tar`,
		Args: cobra.ExactArgs(2),
	}
	conn.add(cmd)
	platformFlag(cmd, &platform, "pull only this `os/arch[/variant]` of an index")
	format := enumFlag(cmd, "format", "", "", "write as oci (folder), oci-archive or docker-archive (default by PATH)",
		images.OCI, images.OCIArchive, images.DockerArchive)
	output := outputFlag(cmd)
	cmd.RunE = imageRun(func(cmd *cobra.Command, args []string) error {
		ref, err := images.ParseRef(args[0])
		if err != nil {
			return err
		}
		opts := images.PullOptions{Format: pullFormat(format.value, args[1]), Default: machine()}
		if opts.Platform, err = platformOf(platform); err != nil {
			return err
		}
		meter := newMeter(env)
		res, err := env.images(conn, meter).Pull(cmd.Context(), ref, args[1], opts)
		meter.close()
		if err != nil {
			return err
		}
		return env.printResult(output.value, res)
	})
	return cmd
}

func pullFormat(flag, path string) string {
	switch {
	case flag != "":
		return flag
	case strings.HasSuffix(path, ".tar"):
		return images.DockerArchive
	}
	return images.OCI
}

func platformFlag(cmd *cobra.Command, to *string, usage string) {
	cmd.Flags().StringVar(to, "platform", "", usage)
	// the only failure is a flag that does not exist
	_ = cmd.RegisterFlagCompletionFunc("platform", cobra.FixedCompletions(
		[]string{"linux/amd64", "linux/arm64", "linux/ppc64le", "linux/s390x"}, cobra.ShellCompDirectiveNoFileComp))
}
