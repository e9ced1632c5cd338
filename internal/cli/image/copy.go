package image

import (
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

func newImageCopy(env *cmdutil.Env) *cobra.Command {
	var conn connect.RegistryFlags
	var platform string
	var alone bool
	cmd := &cobra.Command{
		Use:   "copy SRC DST",
		Short: "Copy an image from one registry or repository to another",
		Long: `Copy an image from one registry or repository to another: an index with all its
platforms, and its referrers (signatures, SBOMs, attestations). DST without a tag gets the
tag or digest of SRC.

Nothing is stored on this machine. Within a registry, blobs are mounted, not transferred.`,
		Example: `  regctl image copy localhost:5000/demo/app:v1 localhost:5000/prod/app
  regctl image copy --no-referrers localhost:5000/demo/app:v1 localhost:5000/prod/app:plain`,
		Args: cobra.ExactArgs(2),
	}
	conn.Add(cmd)
	cmd.ValidArgsFunction = completeRefs(env, &conn, func(n int) bool { return n < 2 })
	platformFlag(cmd, &platform, "copy only this `platform` of an index: os/arch[/variant]")
	cmd.Flags().BoolVar(&alone, "no-referrers", false, "do not copy signatures, SBOMs and attestations")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = imageRun(func(cmd *cobra.Command, args []string) error {
		refs, err := parseRefs(args)
		if err != nil {
			return err
		}
		if err := checkProjects(cmd.Context(), env, conn, refs...); err != nil {
			return err
		}
		opts := images.CopyOptions{Referrers: !alone}
		if opts.Platform, err = platformOf(platform); err != nil {
			return err
		}
		meter := newMeter(env)
		res, err := connect.Images(env, conn, meter).Copy(cmd.Context(), refs[0], images.Keep(args[1], refs[1], refs[0]), opts)
		meter.close()
		if err != nil {
			return whoGrants(cmd.Context(), env, conn, err, refs[1])
		}
		return printResult(env, output, res)
	})
	return cmd
}

func newImageTag(env *cmdutil.Env) *cobra.Command {
	var conn connect.RegistryFlags
	cmd := &cobra.Command{
		Use:   "tag REF NEWTAG...",
		Short: "Tag an image in a registry",
		Long: `Tag an image in its repository. The command sends only the manifest, moves an existing
tag, and prints the digest.`,
		Example: "  regctl image tag localhost:5000/demo/app:v1 stable latest",
		Args:    cobra.MinimumNArgs(2),
	}
	conn.Add(cmd)
	cmd.ValidArgsFunction = completeRefs(env, &conn, func(n int) bool { return n == 0 })
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = imageRun(func(cmd *cobra.Command, args []string) error {
		ref, err := images.ParseRef(args[0])
		if err != nil {
			return err
		}
		if err := images.CheckTags(args[1:]); err != nil {
			return err
		}
		if err := checkProjects(cmd.Context(), env, conn, ref); err != nil {
			return err
		}
		meter := newMeter(env)
		digest, err := connect.Images(env, conn, meter).Tag(cmd.Context(), ref, args[1:]...)
		meter.close()
		if err != nil {
			return whoGrants(cmd.Context(), env, conn, err, ref)
		}
		value := map[string]any{"repository": ref.Context().Name(), "digest": digest.String(), "tags": args[1:]}
		return output.Print(env, value, [][]string{{digest.String()}})
	})
	return cmd
}
