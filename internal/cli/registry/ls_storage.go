package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/pods"
	"github.com/regctl/regctl/internal/survey"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// newRegistryLsStorage is the command that "registry ls --storage" runs in a pod of regctl's
// own image, which has no shell.
func newRegistryLsStorage(env *cmdutil.Env) *cobra.Command {
	return &cobra.Command{
		Use: "ls-storage DIR", Short: "List the files of a storage directory for regctl registry ls --storage",
		Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := survey.WriteEntries(env.Out, os.DirFS(args[0]), args[0]); err != nil {
				return cmdutil.FileError(args[0], err)
			}
			return nil
		},
	}
}

// listStorage lists the registry's files in a pod.
func listStorage(ctx context.Context, e *cmdutil.Env, client *cluster.Client, door *survey.PodAccess, all bool, output *cmdutil.Output) error {
	text, err := filesIn(ctx, client, door)
	if err != nil {
		return err
	}
	entries, err := survey.ReadEntries(strings.NewReader(text))
	if err != nil {
		return err
	}
	if !all {
		entries = survey.Overview(entries)
	}
	table := [][]string{{"PATH", "SIZE", "FILES", "PURPOSE"}}
	for _, f := range entries {
		files := ""
		if f.Folder {
			files = fmt.Sprint(f.Files)
		}
		table = append(table, []string{f.Path, cmdutil.HumanBytes(f.Size), files, f.What})
	}
	if len(entries) == 0 {
		e.Say("no images in %s of pod/%s", door.Root, door.Pod)
		table = nil
	}
	return output.Print(e, map[string]any{"pod": door.Pod, "root": door.Root, "entries": cmdutil.NotNil(entries)}, table)
}

// filesIn lists the files with regctl, or with the tools of other images.
func filesIn(ctx context.Context, client *cluster.Client, door *survey.PodAccess) (string, error) {
	var failed error
	for _, command := range [][]string{{"/regctl", "registry", "ls-storage", door.Root}, survey.ListCommand(door.Root)} {
		var out, errOut bytes.Buffer
		err := pods.Exec(ctx, client, door.Pod, door.Container, command, &out, &errOut)
		if err == nil || out.Len() > 0 { // find fails if a file is deleted meanwhile
			return out.String(), nil
		}
		if hint.CodeOf(err) == hint.Denied || ctx.Err() != nil {
			return "", err
		}
		if text := strings.TrimSpace(errOut.String()); text != "" {
			err = fmt.Errorf("pod/%s: %s: %w", door.Pod, command[0], errors.New(text))
		}
		failed = err
	}
	return "", hint.New(failed, "the image has neither regctl nor find and stat; find the volume: regctl registry status")
}
