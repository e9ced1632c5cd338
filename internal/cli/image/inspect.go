package image

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

type inspectFlags struct {
	connect.RegistryFlags
	platform, which string
	raw             bool
}

func newImageInspect(env *cmdutil.Env) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:   "inspect REF|PATH",
		Short: "Show the manifest and configuration of an image",
		Long: `Show digest, media type, size, platforms, layers and configuration of an image, without
pulling it. PATH is an archive or OCI layout, as for push. For an index it lists the
members; --platform shows one of them.`,
		Example: `  regctl image inspect localhost:5000/demo/app:v1
  regctl image inspect app.tar
  regctl image inspect --raw localhost:5000/demo/app:v1`,
		Args: cobra.ExactArgs(1),
	}
	f.Add(cmd)
	cmd.ValidArgsFunction = completeRefs(env, &f.RegistryFlags, func(n int) bool { return n == 0 })
	platformFlag(cmd, &f.platform, "show this `platform` of an index: os/arch[/variant]")
	cmd.Flags().StringVar(&f.which, "image", "", "`name` or digest of the image in an archive with several images")
	cmd.Flags().BoolVar(&f.raw, "raw", false, "print the manifest unchanged")
	output := cmdutil.OutputFlag(cmd)
	cmd.MarkFlagsMutuallyExclusive("raw", "output")
	cmd.RunE = imageRun(func(cmd *cobra.Command, args []string) error {
		img, done, err := anyImage(cmd.Context(), env, args[0], f)
		if err != nil {
			return err
		}
		defer done()
		if f.raw {
			raw, err := img.Manifest(cmd.Context())
			if err == nil {
				_, err = env.Out.Write(raw)
			}
			return err
		}
		report, err := images.Inspect(cmd.Context(), img)
		if err != nil {
			return err
		}
		return output.Print(env, report, reportTable(report))
	})
	return cmd
}

// anyImage finds an image in a registry or on disk. done releases it.
func anyImage(ctx context.Context, e *cmdutil.Env, arg string, f inspectFlags) (img *images.Image, done func(), err error) {
	done = func() {}
	if isPath(arg) {
		archive, err := openArchive(ctx, e, arg)
		if err != nil {
			return nil, nil, err
		}
		done = func() { _ = archive.Close() } // only read
		if img, err = archive.Choose(f.which); err != nil {
			done()
			return nil, nil, fmt.Errorf("%s: %w", arg, err)
		}
	} else {
		ref, err := images.ParseRef(arg)
		if err != nil {
			return nil, nil, err
		}
		if img, err = connect.Images(e, f.RegistryFlags, nil).Image(ctx, ref); err != nil {
			return nil, nil, err
		}
	}
	platform, err := platformOf(f.platform)
	if err == nil && platform != nil {
		img, err = img.For(ctx, *platform)
	}
	if err != nil {
		done()
	}
	return img, done, err
}

// reportTable is a report for people.
func reportTable(r *images.Report) [][]string {
	var table [][]string
	row := func(name string, values ...string) {
		for i, v := range values {
			if i > 0 {
				name = ""
			}
			if v != "" {
				table = append(table, []string{name, v})
			}
		}
	}
	row("Name:", r.Ref)
	row("Digest:", r.Digest)
	row("Media type:", r.MediaType)
	row("Size:", cmdutil.HumanBytes(r.Size))
	row("Platforms:", strings.Join(r.Platforms, ", "))
	if r.Created != nil {
		row("Created:", r.Created.UTC().Format(time.RFC3339))
	}
	if c := r.Config; c != nil {
		row("Entrypoint:", quoted(c.Entrypoint))
		row("Command:", quoted(c.Cmd))
		row("User:", c.User)
		row("Directory:", c.WorkingDir)
		row("Ports:", strings.Join(c.ExposedPorts, ", "))
		row("Volumes:", strings.Join(c.Volumes, ", "))
		row("Environment:", c.Env...)
		row("Labels:", labels(c.Labels)...)
	}
	row("Manifests:", entries(r.Manifests)...)
	row("Layers:", entries(r.Layers)...)
	return table
}

func quoted(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return fmt.Sprintf("%q", words)
}

func labels(m map[string]string) (all []string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, k+"="+m[k])
	}
	return all
}

func entries(list []images.ReportEntry) (all []string) {
	for _, e := range list {
		all = append(all, strings.TrimSpace(e.Digest+" "+cmdutil.HumanBytes(e.Size)+" "+e.Platform))
	}
	return all
}
