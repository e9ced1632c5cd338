// Command gen writes what is made out of the command tree: completions/,
// docs/commands/ and docs/man/, and docs/platforms.md out of the platforms, docs/flags.md out of the flags of oc and oadm, and the table of packages in docs/project-layout.md. "make generate" runs it from the top folder,
// "make verify" proves that what it wrote is committed.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/regctl/regctl/internal/cli"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func main() {
	if err := generate(context.Background(), "."); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// generate writes everything below a folder, and removes pages of commands that are gone.
func generate(ctx context.Context, dir string) error {
	for _, step := range []func(string) error{completions, markdown, manual, flags} {
		if err := step(dir); err != nil {
			return err
		}
	}
	if err := layout(ctx, dir); err != nil {
		return err
	}
	return platformTable(ctx, dir)
}

// tree is the command tree of a user whose environment decides nothing.
func tree(out *bytes.Buffer) (*cobra.Command, *cmdutil.Env) {
	env := cmdutil.System()
	env.Out = out
	env.Lookup = func(string) (string, bool) { return "", false }
	root := cli.Root(env)
	root.DisableAutoGenTag = true
	root.InitDefaultHelpCmd()
	return root, env
}

func completions(dir string) error {
	for shell, file := range map[string]string{"bash": "regctl.bash", "zsh": "_regctl", "fish": "regctl.fish", "powershell": "regctl.ps1"} {
		var out bytes.Buffer
		root, env := tree(&out)
		if err := cli.WriteCompletion(root, env, shell); err != nil {
			return err
		}
		if err := write(filepath.Join(dir, "completions", file), out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func markdown(dir string) error {
	pages, err := empty(dir, "docs", "commands")
	if err != nil {
		return err
	}
	root, _ := tree(new(bytes.Buffer))
	return doc.GenMarkdownTree(root, pages)
}

func manual(dir string) error {
	pages, err := empty(dir, "docs", "man")
	if err != nil {
		return err
	}
	root, _ := tree(new(bytes.Buffer))
	header := &doc.GenManHeader{Section: "1", Source: "regctl", Manual: "regctl", Date: new(time.Time)}
	if err := doc.GenManTree(root, header, pages); err != nil {
		return err
	}
	return undated(pages)
}

// undated takes the date out of the pages, so that the same tree gives the same bytes on any day.
func undated(dir string) error {
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		return err
	}
	for _, page := range pages {
		b, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		if err := write(page, bytes.Replace(b, []byte(`"Jan 0001"`), []byte(`""`), 1)); err != nil {
			return err
		}
	}
	return nil
}

func empty(elem ...string) (string, error) {
	dir := filepath.Join(elem...)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}

func write(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}
