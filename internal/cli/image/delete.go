package image

import (
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

func newImageDelete(env *cmdutil.Env) *cobra.Command {
	var conn connect.RegistryFlags
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete REF",
		Short: "Delete an image from a registry",
		Long: `Delete an image from a registry, by tag or digest. A registry deletes images, not tags:
all other tags of the image are deleted with it. The command lists them first.

The blobs use storage until garbage collection. Run distribution's "registry
garbage-collect CONFIG" on the same directory while the registry is stopped or read-only.`,
		Example: "  regctl image delete --yes localhost:5000/demo/app:v1",
		Args:    cobra.ExactArgs(1),
	}
	conn.Add(cmd)
	cmd.ValidArgsFunction = completeRefs(env, &conn, func(n int) bool { return n == 0 })
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask for confirmation")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = imageRun(func(cmd *cobra.Command, args []string) error {
		ref, err := images.ParseRef(args[0])
		if err != nil {
			return err
		}
		if !images.Named(args[0]) {
			return hint.BadUsage(fmt.Errorf("%s: a tag or a digest is required", args[0]),
				"regctl image ls "+args[0]+", then regctl image delete "+args[0]+":TAG")
		}
		client := connect.Images(env, conn, nil)
		digest, tags, err := client.Digest(cmd.Context(), ref)
		if err != nil {
			return err
		}
		if others := without(tags, ref); len(others) > 0 {
			env.Warn("these tags of the same image are also deleted: %s", shortList(8, others))
		}
		if !yes {
			if err := env.Confirm(fmt.Sprintf("delete %s?", digest), "--yes"); err != nil {
				return err
			}
		}
		if err := client.Delete(cmd.Context(), digest); err != nil {
			return err
		}
		value := map[string]any{"digest": digest.DigestStr(), "repository": digest.Context().Name(), "tags": cmdutil.NotNil(tags)}
		return output.Print(env, value, [][]string{{"deleted " + digest.Name()}})
	})
	return cmd
}

// without leaves the tag out that was asked for.
func without(tags []string, ref name.Reference) (others []string) {
	for _, t := range tags {
		if t != ref.Identifier() {
			others = append(others, t)
		}
	}
	return others
}

// shortList names the first n of a list that may be long, and counts the others.
func shortList(n int, list []string) string {
	if len(list) <= n+1 {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:n], ", "), len(list)-n)
}
