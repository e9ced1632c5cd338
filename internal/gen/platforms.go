package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/platforms"
	"github.com/regctl/regctl/internal/platform/platformtest"
)

const aboutPlatforms = `# What each platform supports

Made by "make generate", out of the suite of tests that every platform passes
(internal/platform/platformtest): each line is planned on each platform, without a server.

"regctl registry deploy" finds the platform by what the cluster serves; --platform names it. What
a platform lacks is refused with exit status 2 and what to use instead, which the notes repeat.

`

// place is a platform about a place where nothing is yet, and which needs no network.
type place struct {
	name  string
	empty func() platform.Platform
}

func places(ctx context.Context) (all []place) {
	quiet := func(string, ...any) {}
	for _, name := range platform.Platforms() {
		all = append(all, place{name, func() platform.Platform {
			p, err := platforms.Open(ctx, platforms.Options{
				Name: name, Client: func() (*cluster.Client, error) { return &cluster.Client{Namespace: "default"}, nil }, Offline: true,
				Image: "regctl/regctl:latest", Rand: rand.Reader, Now: time.Now, Warn: quiet, Say: quiet,
				Confirm: func(question string) error { return errors.New(question) },
			})
			if err != nil {
				panic(err) // offline there is nothing that can fail
			}
			return p.Platform
		}})
	}
	return all
}

// platformTable writes docs/platforms.md.
func platformTable(ctx context.Context, dir string) error {
	out := bytes.NewBufferString(aboutPlatforms)
	all := places(ctx)
	head, line := "|", "| ---"
	for _, p := range all {
		head, line = head+" | "+p.name, line+" | ---"
	}
	fmt.Fprintf(out, "%s |\n%s |\n", head, line)
	var notes []string
	for _, part := range platformtest.Features() {
		fmt.Fprintf(out, "| %s", part.Name)
		for _, p := range all {
			yes, instead, err := platformtest.Supports(ctx, p.empty, part)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			cell := "yes"
			if note := fmt.Sprintf("%s: %s", p.name, strings.ReplaceAll(instead, "\n", " ")); !yes {
				if !slices.Contains(notes, note) {
					notes = append(notes, note)
				}
				cell = fmt.Sprintf("no (%d)", slices.Index(notes, note)+1)
			}
			fmt.Fprintf(out, " | %s", cell)
		}
		fmt.Fprintln(out, " |")
	}
	fmt.Fprintf(out, "\nInstead:\n\n")
	for i, note := range notes {
		fmt.Fprintf(out, "%d. %s\n", i+1, note)
	}
	return write(filepath.Join(dir, "docs", "platforms.md"), out.Bytes())
}
