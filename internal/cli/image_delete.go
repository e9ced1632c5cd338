package cli

import (
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

func newImageDelete(env *Env) *cobra.Command {
	var conn registryFlags
	var yes bool
	cmd := &cobra.Command{
		Use:     "delete REF",
		Aliases: []string{"rm"},
		Short:   "Delete an image from a registry",
		Long: `Delete an image from a registry, by digest or tag. A registry deletes images, not tags:
all other tags of the same image go with it, and are named before. The space is
free when the registry has collected its garbage.`,
		Example: "  regctl image delete --yes localhost:5000/demo/app:v1",
		Args:    cobra.ExactArgs(1),
	}
	conn.add(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	output := outputFlag(cmd)
	cmd.RunE = imageRun(func(cmd *cobra.Command, args []string) error {
		ref, err := images.ParseRef(args[0])
		if err != nil {
			return err
		}
		client := env.images(conn, nil)
		digest, tags, err := client.Digest(cmd.Context(), ref)
		if err != nil {
			return err
		}
		if others := without(tags, ref); len(others) > 0 {
			env.Warn("these tags name the same image and go too: %s", strings.Join(others, ", "))
		}
		if !yes {
			if err := env.Confirm(fmt.Sprintf("delete %s?", digest), "--yes"); err != nil {
				return err
			}
		}
		if err := client.Delete(cmd.Context(), digest); err != nil {
			return err
		}
		value := map[string]any{"digest": digest.DigestStr(), "repository": digest.Context().Name(), "tags": notNil(tags)}
		return env.Print(output.value, value, [][]string{{"deleted " + digest.Name()}})
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
