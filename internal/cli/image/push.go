package image

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

func newImagePush(env *cmdutil.Env) *cobra.Command {
	var conn connect.RegistryFlags
	var which string
	cmd := &cobra.Command{
		Use:   "push SOURCE REF...",
		Short: "Push an image from a file or directory to a registry",
		Long: `Push an image to one or more references, and print each reference with the digest.

SOURCE (detected by content) is one of:
  a docker-archive      as from "docker save", optionally gzipped
  an OCI layout         a directory or a tar file; the digest is preserved
  -                     an archive on stdin

An index is pushed with all platforms. Existing blobs are not sent again. Tags are set
after all blobs are pushed.`,
		Example: `  regctl image push app.tar localhost:5000/demo/app:v1
  regctl image push layout/ localhost:5000/demo/app:v2 localhost:5000/demo/app:latest
  gzip -c app.tar | regctl image push - localhost:5000/demo/app:v3`,
		Args: cobra.MinimumNArgs(2),
	}
	conn.Add(cmd)
	cmd.ValidArgsFunction = completeRefs(env, &conn, func(n int) bool { return n > 0 })
	cmd.Flags().StringVar(&which, "image", "", "`name` or digest of the image in an archive with several images")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = imageRun(func(cmd *cobra.Command, args []string) error {
		if swapped(args[0], args[1]) {
			return exchanged(env, args[0], args[1], "SOURCE")
		}
		refs, err := parseRefs(args[1:])
		if err != nil {
			return err
		}
		if err := checkProjects(cmd.Context(), env, conn, refs...); err != nil {
			return err
		}
		archive, err := openArchive(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer archive.Close()
		img, err := archive.Choose(which)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		meter := newMeter(env)
		res, err := connect.Images(env, conn, meter).Push(cmd.Context(), img, refs...)
		meter.close()
		if err != nil {
			return whoGrants(cmd.Context(), env, conn, err, refs...)
		}
		return printResult(env, output, res)
	})
	return cmd
}

func parseRefs(args []string) ([]name.Reference, error) {
	var refs []name.Reference
	for _, arg := range args {
		ref, err := images.ParseRef(arg)
		if err != nil {
			return nil, err
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// openArchive opens an archive or layout; one that is not there may be meant as a reference.
func openArchive(ctx context.Context, e *cmdutil.Env, path string) (*images.Archive, error) {
	if path == "-" {
		if _, tty := cmdutil.Terminal(e.In); tty {
			return nil, hint.BadUsage(errors.New("stdin is a terminal"), "pipe an archive in: docker save IMAGE | regctl image push - REF")
		}
	}
	archive, err := images.Open(ctx, path, e.In, e.Getenv("TMPDIR"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, bad := images.ParseRef(path); bad == nil {
			return nil, hint.New(fmt.Errorf("%s: no such file or directory", path), "to copy between registries: regctl image copy "+hint.Quote(path)+" REF")
		}
		return nil, hint.New(fmt.Errorf("%s: no such file or directory", path), "to create it: docker save -o "+hint.Quote(path)+" IMAGE")
	}
	return archive, err
}

// printResult prints the references with the digest, one a line.
func printResult(e *cmdutil.Env, output *cmdutil.Output, res *images.Result) error {
	table := [][]string{{res.Ref}}
	for _, other := range res.Others {
		table = append(table, []string{other})
	}
	return output.Print(e, res, table)
}
